//! Every error is shown in a test as the user reads it.
//!
//! `each_variant!` needs a value of each variant, so a new variant without one does not compile.

use crate::text::files_with_extension;

/// Errors that another test shows, with the reason.
const SHOWN_ELSEWHERE: [(&str, &str); 8] = [
    ("Conflict", "`src/ui/words/tests.rs` shows its layout"),
    ("PackagesRefused", "`src/ui/words/tries.rs` shows its layout"),
    ("ManifestError", "it is a list of `ManifestProblem`, and each kind of problem is shown"),
    ("ManifestProblem", "each `ProblemKind` is shown"),
    ("FileError", "each `FileProblem` is shown"),
    ("MountError", "each `MountProblem` is shown"),
    ("Interrupted", "it is shown for each `EndSignal`"),
    ("Wrong", "it is the example of a test"),
];

#[test]
fn every_error_is_shown_in_a_test() {
    let files = files_with_extension(&["src"], "rs");
    let errors: Vec<&str> = files
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("impl Report for ")?.strip_suffix(" {"))
        .collect();
    let is_shown = |name: &str| {
        let shown = [format!("each_variant![{name};"), format!("shown_errors(&[{name}")];
        files.iter().any(|(_, text)| shown.iter().any(|call| text.contains(call)))
    };
    let unlisted = |name: &&&str| !SHOWN_ELSEWHERE.iter().any(|(listed, _)| listed == *name);
    let unshown: Vec<_> = errors.iter().filter(unlisted).filter(|name| !is_shown(name)).collect();
    assert!(unshown.is_empty(), "add these to the tests of errors: {unshown:?}");
    for (listed, reason) in SHOWN_ELSEWHERE {
        assert!(errors.contains(&listed), "`{listed}` is no error ({reason})");
    }
}
