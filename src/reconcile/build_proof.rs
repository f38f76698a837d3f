//! Turns what the image's own checks find into notices, while the image is built.

use std::cell::RefCell;

use crate::event::{Event, NeededLibrary, Notice, Sink};
use crate::proof::{Finding, ImportFinding, LibraryFinding, finding};

/// The largest number of libraries in one notice. A build step of the project's can print as many lines as it likes.
const MOST_LIBRARIES: usize = 200;

/// A sink that takes findings out of the build's output and passes everything else on.
pub(super) struct ProofSink<'a> {
    next: &'a dyn Sink,
    added: RefCell<Vec<NeededLibrary>>,
    missing: RefCell<Vec<NeededLibrary>>,
}

impl<'a> ProofSink<'a> {
    pub(super) fn new(next: &'a dyn Sink) -> Self {
        Self { next, added: RefCell::default(), missing: RefCell::default() }
    }

    /// Says what was found of libraries, all at once.
    pub(super) fn end(self) {
        let Self { next, added, missing } = self;
        let notices = [Notice::LibrariesAdded(added.into_inner()), Notice::LibrariesMissing(missing.into_inner())];
        for notice in notices {
            let (Notice::LibrariesAdded(found) | Notice::LibrariesMissing(found)) = &notice else { continue };
            if !found.is_empty() {
                next.emit(notice.into());
            }
        }
    }

    fn take(&self, found: Finding) {
        match found {
            Finding::Library(LibraryFinding { library, file, owner, package, added }) => {
                let list = if added { &self.added } else { &self.missing };
                let mut list = list.borrow_mut();
                if list.len() < MOST_LIBRARIES {
                    list.push(NeededLibrary { library, package, file, owner });
                }
            }
            Finding::Import(ImportFinding { framework, error: _, driver: Some(library) }) => {
                self.next.emit(Notice::NotImported { framework, library }.into());
            }
            Finding::Import(_) | Finding::Compute(_) | Finding::Machine(_) | Finding::Modules(_) => {}
        }
    }
}

impl Sink for ProofSink<'_> {
    fn emit(&self, event: Event) {
        let found = match &event {
            Event::BuildLog { line, .. } => finding(line),
            _ => None,
        };
        match found {
            None => self.next.emit(event),
            Some(found) => self.take(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Heard(RefCell<Vec<Event>>);

    impl Sink for Heard {
        fn emit(&self, event: Event) {
            self.0.borrow_mut().push(event);
        }
    }

    #[test]
    fn a_build_that_prints_without_end_fills_no_memory() {
        let heard = Heard::default();
        let sink = ProofSink::new(&heard);
        let line =
            r#"envctl-proof {"added": false, "file": "a.so", "library": "libx.so.1", "owner": null, "package": null}"#;
        for _ in 0..=MOST_LIBRARIES {
            sink.emit(Event::BuildLog { step: "s".to_owned(), line: line.to_owned() });
        }
        assert_eq!(sink.missing.borrow().len(), MOST_LIBRARIES);
    }

    #[test]
    fn findings_become_notices_and_other_lines_stay() {
        let heard = Heard::default();
        let sink = ProofSink::new(&heard);
        let lines = [
            "Get:1 libgl1",
            r#"envctl-proof {"added": true, "file": "a.so", "library": "libGL.so.1", "owner": "opencv-python", "package": "libgl1"}"#,
            r#"envctl-proof {"added": false, "file": "a.so", "library": "libx.so.1", "owner": null, "package": null}"#,
            r#"envctl-proof {"driver": null, "error": null, "framework": "jax"}"#,
            r#"envctl-proof {"driver": "libcuda.so.1", "error": "ImportError: x", "framework": "cupy"}"#,
        ];
        let logged = |line: &str| Event::BuildLog { step: "s".to_owned(), line: line.to_owned() };
        for line in lines {
            sink.emit(logged(line));
        }
        sink.end();
        let needed = |library: &str, package: Option<&str>, owner: Option<&str>| NeededLibrary {
            library: library.to_owned(),
            package: package.map(str::to_owned),
            file: "a.so".to_owned(),
            owner: owner.map(str::to_owned),
        };
        let expected = [
            logged(lines[0]),
            Notice::NotImported { framework: "cupy".to_owned(), library: "libcuda.so.1".to_owned() }.into(),
            Notice::LibrariesAdded(vec![needed("libGL.so.1", Some("libgl1"), Some("opencv-python"))]).into(),
            Notice::LibrariesMissing(vec![needed("libx.so.1", None, None)]).into(),
        ];
        assert_eq!(*heard.0.borrow(), expected);
    }
}
