//! What `doctor` found.

use crate::doctor::{Diagnosis, Severity};

use super::Paint;

/// One line per finding, what mends it below.
#[must_use]
pub fn findings(findings: &[Diagnosis], paint: Paint) -> String {
    let lines = findings.iter().flat_map(|finding| {
        let level = match finding.level {
            Severity::Good => paint.green("     ok"),
            Severity::Warning => paint.yellow("warning"),
            Severity::Broken => paint.red(" broken"),
        };
        let line = format!("{level}  {} {}", paint.bold(&format!("{:<16}", finding.subject)), finding.message);
        let mends = finding.mend.iter().map(|mend| format!("{:>26}{} {mend}", "", paint.cyan("mend:")));
        std::iter::once(line).chain(mends).collect::<Vec<_>>()
    });
    lines.chain([String::new()]).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mends_stands_below_what_is_wrong() {
        let good =
            Diagnosis { level: Severity::Good, subject: "BuildKit", message: "there".to_owned(), mend: Vec::new() };
        let mend = vec!["envctl setup".to_owned()];
        let bad = Diagnosis { level: Severity::Broken, subject: "SSH", message: "`ssh` is missing".to_owned(), mend };
        let expected = "     ok  BuildKit         there\n broken  SSH              `ssh` is missing\n\
                        \x20                         mend: envctl setup\n";
        assert_eq!(findings(&[good, bad], Paint(false)), expected);
    }
}
