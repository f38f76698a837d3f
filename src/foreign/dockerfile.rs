//! Reads a Dockerfile: the image of its last stage, and what its `RUN` lines install.

use std::collections::BTreeMap;

use super::key_setting::KeySetting;
use super::shell_lines::ShellInstalls;
use super::{Lined, NotRead, UnreadFile, WhyNotRead, lined};

/// The largest file, bytes.
const LARGEST: usize = 1024 * 1024;

/// The longest value of a build argument and the longest name of an image, bytes.
const LONGEST_VALUE: usize = 1024;

/// What a Dockerfile says about an environment.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    /// The image that its last stage begins with.
    pub from: Option<Lined<String>>,
    pub installs: ShellInstalls,
    pub settings: Vec<Lined<KeySetting>>,
    pub not_read: Vec<NotRead>,
}

/// Variables that belong to a build or to the image.
const OF_THE_IMAGE: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "CUDA_HOME", "SHELL"];

/// The starts of variables of tools that build an image.
const OF_ITS_TOOLS: [&str; 5] = ["DEBIAN_", "PIP_", "UV_", "POETRY_", "CONDA_"];

/// Reads the file's text.
pub fn read_dockerfile(text: &str) -> Result<Dockerfile, UnreadFile> {
    UnreadFile::check_size(text, LARGEST)?;
    let mut file = Dockerfile::default();
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    let mut stages: BTreeMap<String, Lined<String>> = BTreeMap::new();
    for Lined { value: (keyword, rest), line } in instructions(text) {
        match keyword.as_str() {
            "ARG" => {
                if let Some((name, value)) = rest.split_once('=') {
                    let value = expanded(value.trim().trim_matches(['"', '\'']), &arguments);
                    match value {
                        Some(value) => _ = arguments.insert(name.trim().to_owned(), value),
                        None => file.refuse(&format!("ARG {}", name.trim()), line, WhyNotRead::TooLong),
                    }
                }
            }
            "FROM" => {
                let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
                let Some(image) = expanded(words.next().unwrap_or_default(), &arguments) else {
                    file.from = None;
                    file.refuse("FROM", line, WhyNotRead::TooLong);
                    continue;
                };
                let from = stages.get(&image.to_lowercase()).cloned().unwrap_or_else(|| lined(image, line));
                if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as")) {
                    stages.insert(words.next().unwrap_or_default().to_lowercase(), from.clone());
                }
                file.from = Some(from);
            }
            "RUN" if rest.trim_start().starts_with("<<") => file.refuse(&rest, line, WhyNotRead::HereDocument),
            "RUN" => file.installs.read(without_options(&rest), line),
            "ENV" => file.environment(&rest, line),
            "CMD" | "ENTRYPOINT" => {
                file.refuse(&format!("{keyword} {rest}"), line, WhyNotRead::Command);
            }
            "COPY" | "ADD" | "WORKDIR" | "LABEL" | "MAINTAINER" | "SHELL" | "USER" | "EXPOSE" | "VOLUME"
            | "STOPSIGNAL" | "HEALTHCHECK" | "ONBUILD" => {}
            _ => file.refuse(&keyword, line, WhyNotRead::UnknownInstruction),
        }
    }
    Ok(file)
}

/// Removes options of `RUN`, such as `--mount=type=cache`.
fn without_options(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, after)| after.trim_start());
    }
    rest
}

/// The instructions, lines joined at `\`, comments removed.
fn instructions(text: &str) -> Vec<Lined<(String, String)>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        let continued = trimmed.strip_suffix('\\');
        let part = continued.unwrap_or(trimmed);
        match &mut open {
            Some((_, joined)) => {
                joined.push(' ');
                joined.push_str(part);
            }
            None => open = Some((at + 1, part.to_owned())),
        }
        if continued.is_none() {
            found.extend(open.take());
        }
    }
    found.extend(open);
    let split = |(line, text): (usize, String)| {
        let (keyword, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        Lined { value: (keyword.to_ascii_uppercase(), rest.trim().to_owned()), line }
    };
    found.into_iter().map(split).collect()
}

/// Puts the values of arguments into `${NAME}`, `${NAME:-default}` and `$NAME`, in one pass: what a value holds is not
/// expanded again. A name without a value stays. `None`: the result is too long.
fn expanded(text: &str, arguments: &BTreeMap<String, String>) -> Option<String> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        whole.push_str(&rest[..at]);
        let reference = Reference::read(&rest[at..]);
        match reference.value(arguments) {
            Some(value) => whole.push_str(value),
            None => whole.push_str(reference.text),
        }
        rest = &rest[at + reference.text.len()..];
        if whole.len() > LONGEST_VALUE {
            return None;
        }
    }
    whole.push_str(rest);
    (whole.len() <= LONGEST_VALUE).then_some(whole)
}

/// A reference to an argument: `$NAME`, `${NAME}`, `${NAME:-default}`.
struct Reference<'t> {
    text: &'t str,
    name: &'t str,
    default: Option<&'t str>,
}

impl<'t> Reference<'t> {
    /// Reads the reference at the start of a text that begins with `$`.
    fn read(text: &'t str) -> Self {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if let Some((inner, _)) = text.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
            let (name, default) = inner.split_once(":-").map_or((inner, None), |(name, value)| (name, Some(value)));
            return Self { text: &text[..inner.len() + 3], name, default };
        }
        let end = text[1..].find(|c| !is_name(c)).map_or(text.len(), |end| end + 1);
        Self { text: &text[..end], name: &text[1..end], default: None }
    }

    fn value<'v>(&self, arguments: &'v BTreeMap<String, String>) -> Option<&'v str>
    where
        't: 'v,
    {
        arguments.get(self.name).map(String::as_str).filter(|value| !value.is_empty()).or(self.default)
    }
}

impl Dockerfile {
    fn refuse(&mut self, text: &str, line: usize, why: WhyNotRead) {
        self.not_read.push(NotRead { text: text.to_owned(), line, why });
    }

    fn environment(&mut self, text: &str, line: usize) {
        let Some(words) = super::shell_words(text) else {
            return self.refuse(&format!("ENV {text}"), line, WhyNotRead::NoShellLine);
        };
        let pairs: Vec<(String, String)> = match words.first() {
            Some(first) if first.contains('=') => words
                .iter()
                .filter_map(|word| word.split_once('='))
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect(),
            Some(name) => vec![(name.clone(), words[1..].join(" "))],
            None => Vec::new(),
        };
        for (name, value) in pairs {
            let is_of_tool = OF_ITS_TOOLS.iter().any(|start| name.starts_with(start));
            if is_of_tool || OF_THE_IMAGE.contains(&name.as_str()) {
                continue;
            }
            if value.contains('$') {
                self.refuse(&format!("ENV {name}={value}"), line, WhyNotRead::ShellVariable);
                continue;
            }
            self.settings.push(Lined { value: KeySetting::entry("run", "env", &name, value), line });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_expanded_once_and_have_an_end() {
        let from = |text: &str| read_dockerfile(text).unwrap().from.map(|from| from.value);
        for (text, expected) in [
            ("ARG A=ubuntu\nARG B=$A:22\nARG A=x\nFROM ${B}.04", "ubuntu:22.04"),
            ("FROM ${A:-ubuntu}:${B:-22.04}", "ubuntu:22.04"),
            ("ARG A=$B\nARG B=x\nFROM $A", "$B"),
            ("ARG A=a\nARG AB=b\nFROM $AB$A$", "ba$"),
            ("ARG A=a\nFROM ${A", "${A"),
        ] {
            assert_eq!(from(text).as_deref(), Some(expected), "{text}");
        }
        let doubled =
            (1..60).map(|at| format!("ARG v{at}=$v{}$v{}\n", at - 1, at - 1)).collect::<Vec<String>>().concat();
        let file = read_dockerfile(&format!("ARG v0=aaaaaaaaaa\n{doubled}FROM $v59\n")).unwrap();
        assert!(file.not_read.iter().any(|left| left.why == WhyNotRead::TooLong), "{file:?}");
        assert!(file.from.is_none_or(|from| from.value.len() <= LONGEST_VALUE));
    }

    #[test]
    fn the_last_stage_and_what_is_installed() {
        let text = "ARG CUDA=12.1.0\n# base\nFROM nvidia/cuda:${CUDA}-cudnn8-devel-ubuntu22.04 AS base\nFROM base\n\
                    RUN --mount=type=cache,target=/x apt-get update \\\n    # why\n    && apt-get install -y git\n\
                    ENV HF_HOME=/data PATH=/x:$PATH\nENV OTHER some words\nENV X=$Y\nCOPY . .\nCMD [\"python\"]\n";
        let file = read_dockerfile(text).unwrap();
        assert_eq!(file.from, Some(lined("nvidia/cuda:12.1.0-cudnn8-devel-ubuntu22.04", 3)));
        assert_eq!(file.installs.system, [lined("git", 5)]);
        assert_eq!(file.settings.len(), 2);
        let left: Vec<_> = file.not_read.iter().map(|left| (left.text.as_str(), left.line)).collect();
        assert_eq!(left, [("ENV X=$Y", 10), ("CMD [\"python\"]", 12)]);
    }
}
