//! Reads a Dockerfile: the image of its last stage, and what its `RUN` lines install.

use std::collections::BTreeMap;

use super::key_setting::KeySetting;
use super::shell_lines::ShellInstalls;
use super::{Lined, NotRead, UnreadFile, WhyNotRead, lined};

/// The largest file, bytes.
const LARGEST: usize = 1024 * 1024;

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
                    arguments.insert(name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned());
                }
            }
            "FROM" => {
                let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
                let image = expanded(words.next().unwrap_or_default(), &arguments);
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

/// Puts the defaults of arguments into `${NAME}` and `$NAME`.
fn expanded(text: &str, arguments: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for (name, value) in arguments.iter().rev() {
        text = text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
    }
    text
}

impl Dockerfile {
    fn refuse(&mut self, text: &str, line: usize, why: WhyNotRead) {
        self.not_read.push(NotRead { text: text.to_owned(), line, why });
    }

    fn environment(&mut self, text: &str, line: usize) {
        let words = super::shell_words(text).unwrap_or_default();
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
