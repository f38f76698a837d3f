//! The reason why packages refuse a choice of frameworks and Python, from uv's explanation.
//!
//! uv has no other form for it than text. What is read here decides no version: it names packages to the user, and it
//! tells which choice to try first.

use std::collections::BTreeSet;

use super::compile_input::{CompileInput, OURS};

/// The longest reason, in characters.
const LONGEST: usize = 300;

/// The reason why no set of packages was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The explanation, line by line.
    pub explanation: Vec<String>,
    /// The premises of the explanation, in one line.
    pub reason: String,
    /// The packages of the explanation that the project or a framework asks for.
    pub packages: Vec<String>,
    /// Packages that exist only as source. Their build would run their code on this host.
    pub needs_build: Vec<String>,
}

impl Refusal {
    /// Reads uv's message.
    pub(super) fn new(words: &str, asked: &CompileInput) -> Self {
        let sentence = one_line(words);
        let named: BTreeSet<&str> = sentence.split_whitespace().filter_map(package).collect();
        let of_project = asked.origins.iter().filter(|(_, origins)| origins.iter().any(|origin| origin != OURS));
        let packages = of_project.map(|(name, _)| name).filter(|name| named.contains(name.as_str())).cloned();
        Self {
            explanation: lines(words).into_iter().filter(|line| !line.starts_with("warning:")).collect(),
            reason: premises(&sentence),
            packages: packages.collect(),
            needs_build: without_wheels(words),
        }
    }
}

/// The lines of a program's output, without blank lines.
pub(super) fn lines(words: &str) -> Vec<String> {
    words.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The explanation in one line, without the words before it and the hints after it.
fn one_line(words: &str) -> String {
    let explanation = words.find("Because ").map_or(words, |start| &words[start..]);
    let lines = explanation.lines().take_while(|line| !line.trim_start().starts_with("hint:"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The premises of the first conclusion: `Because A and B, we can conclude that C. And because …`
fn premises(sentence: &str) -> String {
    let first = sentence.split(", we can conclude that").next().unwrap_or(sentence);
    let first = first.strip_prefix("Because ").unwrap_or(first).trim_end_matches('.');
    match first.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &first[..end]),
        None => first.to_owned(),
    }
}

/// The package in a word such as `torch==2.4.1`, `numpy>=1.20,<2` or `rich`.
fn package(word: &str) -> Option<&str> {
    let name =
        word.trim_start_matches(['`', '(']).split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).next()?;
    Some(name.trim_end_matches('.')).filter(|name| !name.is_empty())
}

/// The names in lines such as ``hint: Wheels are required for `NAME` because building from source is disabled``.
fn without_wheels(words: &str) -> Vec<String> {
    let hints = words.lines().filter_map(|line| line.trim().strip_prefix("hint: Wheels are required for `"));
    hints.filter_map(|rest| rest.split('`').next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = "warning: The requested Python version 3.14 is not available; 3.11.7 will be used to build \
dependencies instead.
error: No solution found when resolving dependencies
  cause: Because onnxruntime==1.31.1 depends on numpy>=1.21.6 and the environment depends on onnxruntime==1.31.1, we can \
conclude that the environment depends on numpy>=1.21.6.
         And because the environment depends on numpy==1.19.2, we can conclude that your requirements are unsatisfiable.

hint: Wheels are required for `numpy` because building from source is disabled for all packages (i.e., with `--no-build`)
";

    #[test]
    fn who_refuses_and_why() {
        let mut asked = CompileInput::default();
        for (package, origin) in
            [("numpy", "envctl.toml"), ("onnxruntime", "onnxruntime"), ("rich", "a"), ("pip", OURS)]
        {
            asked.origins.insert(package.to_owned(), [origin.to_owned()].into());
        }
        let refusal = Refusal::new(REAL, &asked);
        assert_eq!(refusal.packages, ["numpy", "onnxruntime"]);
        assert_eq!(
            refusal.reason,
            "onnxruntime==1.31.1 depends on numpy>=1.21.6 and the environment depends on onnxruntime==1.31.1"
        );
        assert_eq!(refusal.needs_build, ["numpy"]);
        assert!(refusal.explanation[0].starts_with("error: No solution"), "{refusal:?}");
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let words = format!("Because {}, we can conclude that no.", "é".repeat(2 * LONGEST));
        assert_eq!(premises(&one_line(&words)).chars().count(), LONGEST + 1);
    }
}
