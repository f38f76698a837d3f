//! Lets one envctl at a time work on an environment, and one at a time of a user's start a container.
//!
//! A second one waits. The kernel releases the lock of a process that is killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ProjectError, write};
use crate::event::{Notice, Sink};

/// The pause between two attempts of a waiting envctl: too short for the user to notice, too long to load the
/// machine.
const POLL: Duration = Duration::from_millis(50);

/// The hold on an environment, or on the turn to start a container. Dropping it releases that.
#[derive(Debug)]
pub struct EnvironmentGuard {
    _file: File,
}

impl EnvironmentGuard {
    /// Waits until nobody else holds `directory`, and reports a wait once with `waiting`.
    pub async fn take(directory: &Path, waiting: Notice, sink: &dyn Sink) -> Result<Self, ProjectError> {
        write::private_directory(directory)?;
        let path = directory.join("lock");
        let file = open(&path)?;
        let mut waiting = Some(waiting);
        while !attempt(&file, &path)? {
            if let Some(notice) = waiting.take() {
                sink.emit(notice.into());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Self { _file: file })
    }

    /// Takes the hold if nobody else has it.
    pub fn take_if_free(directory: &Path) -> Result<Option<Self>, ProjectError> {
        write::private_directory(directory)?;
        let path = directory.join("lock");
        let file = open(&path)?;
        Ok(attempt(&file, &path)?.then_some(Self { _file: file }))
    }
}

fn open(path: &Path) -> Result<File, ProjectError> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    file.map_err(|error| ProjectError::Unwritable { path: path.to_path_buf(), reason: error.to_string() })
}

fn attempt(file: &File, path: &Path) -> Result<bool, ProjectError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => {
            Err(ProjectError::Unwritable { path: PathBuf::from(path), reason: error.to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    use crate::event::Event;

    #[derive(Default)]
    struct Heard(RefCell<Vec<Event>>);

    impl Sink for Heard {
        fn emit(&self, event: Event) {
            self.0.borrow_mut().push(event);
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_second_waits_and_says_so_once() {
        let dir = tempfile::tempdir().unwrap();
        let heard = Heard::default();
        let first = EnvironmentGuard::take(dir.path(), Notice::Waiting, &heard).await.unwrap();
        let order = Rc::new(RefCell::new(Vec::new()));
        let second = async {
            EnvironmentGuard::take(dir.path(), Notice::Waiting, &heard).await.unwrap();
            order.borrow_mut().push("second");
        };
        let release = async {
            tokio::time::sleep(POLL * 3).await;
            order.borrow_mut().push("first");
            drop(first);
        };
        tokio::join!(second, release);
        assert_eq!(*order.borrow(), ["first", "second"]);
        assert_eq!(heard.0.borrow().len(), 1);
    }
}
