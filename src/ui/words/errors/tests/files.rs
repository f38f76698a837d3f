//! The errors of files.

use super::{each_variant, shown};
use crate::files::{FileError, FileKind, FileProblem};

#[test]
fn problems_of_files() {
    let problems = each_variant![FileProblem;
        System (std::io::Error::from_raw_os_error(13)),
        Kind (FileKind::Pipe),
        Leaves { target: Some("/srv/model".into()), comes_back: false },
        Leaves { target: None, comes_back: false },
        Leaves { target: Some("/home/ada/lab/model".into()), comes_back: true },
        Leaves { target: None, comes_back: true },
        TooLarge { size: Some(3 << 20), limit: 1 << 20 },
        TooLarge { size: None, limit: 1 << 20 },
        NotText {},
        TooMany { limit: 10_000 },
        TooLargeTogether { limit: 1 << 30, largest: Some(("data.bin".into(), 1 << 29)) },
        TooLargeTogether { limit: 1 << 20, largest: None },
        TooDeep { limit: 64 },
        Circular {},
        Changed {},
    ];
    insta::assert_snapshot!(shown(&problems.map(|problem| FileError::read("model".as_ref(), problem))));
}

#[test]
fn a_link_is_not_written_through() {
    let error = FileError::write("envctl.lock".as_ref(), FileProblem::Kind(FileKind::Link));
    insta::assert_snapshot!(shown(&[error]));
}
