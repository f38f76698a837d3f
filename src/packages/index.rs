//! The Python indexes of this host: from the configuration, else from uv's variables, else from pip's variables and
//! files.
//!
//! An index address can hold a password. So it reaches uv as a file, on this host and in the build, and never appears
//! in a command line, a Dockerfile or a lock.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::address::without_password;
use crate::files::{self, RootedDirectory};
use crate::manifest::Network;
use crate::system::System;

/// The indexes in addition to those of the matrix.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Indexes {
    /// The default index. `None`: uv's own default.
    default: Option<String>,
    /// The indexes that uv searches before the default one.
    extra: Vec<String>,
}

/// The output contains no password.
impl std::fmt::Debug for Indexes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all: Vec<String> = self.default.iter().chain(&self.extra).map(|url| without_password(url)).collect();
        f.debug_tuple("Indexes").field(&all).finish()
    }
}

impl Indexes {
    /// Reads the configuration, the variables and pip's files, in this order. The first with an index wins.
    #[must_use]
    pub fn of(network: &Network, system: &System, project: &RootedDirectory) -> Self {
        let pip = pip_settings(system, project);
        let variable = |name: &str| system.variable(name).map(str::to_owned);
        let configured = network.pip_index.as_ref().map(|url| url.value.to_string());
        let default = configured
            .or_else(|| variable("UV_DEFAULT_INDEX"))
            .or_else(|| variable("UV_INDEX_URL"))
            .or_else(|| variable("PIP_INDEX_URL"))
            .or(pip.index);
        let mut extra: Vec<String> = network.pip_extra_indexes.iter().map(|url| url.value.to_string()).collect();
        for name in ["UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"] {
            if extra.is_empty() {
                extra = variable(name).map(|text| urls(&text)).unwrap_or_default();
            }
        }
        if extra.is_empty() {
            extra = pip.extra;
        }
        Self { default: default.map(|url| without_name(&url)), extra }
    }

    /// Whether the host has an index of its own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.default.is_some() || !self.extra.is_empty()
    }

    /// The default index of this host. `None`: the host sets none.
    pub(super) fn default_url(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// The same addresses without names and passwords.
    #[must_use]
    pub fn without_credentials(&self) -> Self {
        let bare = |url: &String| without_password(url);
        Self { default: self.default.as_ref().map(bare), extra: self.extra.iter().map(bare).collect() }
    }

    /// The indexes as a `uv.toml`, the content of the secret `envctl-index`.
    #[must_use]
    pub fn uv_config(&self) -> String {
        let mut text = String::new();
        let mut index = |url: &str, default: &str| {
            let url = toml::Value::String(url.to_owned());
            writeln!(text, "[[index]]\nurl = {url}\n{default}").expect("writing to a String succeeds");
        };
        self.extra.iter().for_each(|url| index(url, ""));
        self.default.iter().for_each(|url| index(url, "default = true\n"));
        text
    }
}

fn urls(text: &str) -> Vec<String> {
    text.split_whitespace().map(without_name).collect()
}

/// The URL in a variable of uv, which can have the form `NAME=URL`.
fn without_name(text: &str) -> String {
    match text.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => url.to_owned(),
        _ => text.to_owned(),
    }
}

#[derive(Default)]
struct PipSettings {
    index: Option<String>,
    extra: Vec<String>,
}

/// Reads pip's settings: the machine's file, then the user's. The later wins.
fn pip_settings(system: &System, project: &RootedDirectory) -> PipSettings {
    let config = system.variable("XDG_CONFIG_HOME").map_or_else(|| system.home().join(".config"), PathBuf::from);
    let usual = [PathBuf::from("/etc/pip.conf"), system.home().join(".pip/pip.conf"), config.join("pip/pip.conf")];
    let named = system.variable("PIP_CONFIG_FILE").map(PathBuf::from);
    let mut settings = PipSettings::default();
    for file in usual.into_iter().chain(named) {
        if let Ok(text) = project.read_callers_text(&file, files::TEXT) {
            read_pip(&text, &mut settings);
        }
    }
    settings
}

/// Reads `[global]` and `[install]` of an INI file. A line that begins with a blank continues the value before it.
fn read_pip(text: &str, settings: &mut PipSettings) {
    let (mut section, mut key) = (String::new(), String::new());
    let mut values: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        let content = line.trim();
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (section, key) = (name.trim().to_owned(), String::new());
        } else if line.starts_with([' ', '\t']) && !key.is_empty() {
            values.push((key.clone(), content.to_owned()));
        } else if let Some((name, value)) = content.split_once(['=', ':']) {
            key = if ["global", "install"].contains(&section.as_str()) {
                name.trim().replace('_', "-").to_lowercase()
            } else {
                String::new()
            };
            values.push((key.clone(), value.trim().to_owned()));
        }
    }
    let of =
        |wanted: &'static str| values.iter().filter(move |(k, v)| k == wanted && !v.is_empty()).map(|(_, v)| v.clone());
    settings.index = of("index-url").next_back().or(settings.index.take());
    let extra: Vec<String> = of("extra-index-url").flat_map(|value| urls(&value)).collect();
    if !extra.is_empty() {
        settings.extra = extra;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pips_files() {
        let text = "# lab\n[global]\nindex-url = https://mirror.example/simple\nextra-index-url =\n    https://a.example\n    \
                    https://b.example\n[freeze]\ntimeout = 10\nindex-url = https://wrong.example\n";
        let mut settings = PipSettings::default();
        read_pip(text, &mut settings);
        assert_eq!(settings.index.as_deref(), Some("https://mirror.example/simple"));
        assert_eq!(settings.extra, ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn a_password_is_not_shown() {
        let indexes =
            Indexes { default: Some("https://ada:secret@mirror.example/simple".to_owned()), extra: Vec::new() };
        assert!(!format!("{indexes:?}").contains("secret"));
        assert!(indexes.uv_config().contains("secret"));
        assert!(indexes.without_credentials().uv_config().contains("\"https://mirror.example/simple\""));
    }

    #[test]
    fn uvs_names_are_left_out() {
        assert_eq!(without_name("lab=https://mirror.example/x?a=b"), "https://mirror.example/x?a=b");
        assert_eq!(without_name("https://mirror.example/x?a=b"), "https://mirror.example/x?a=b");
    }

    #[test]
    fn the_file_for_uv() {
        let indexes = Indexes {
            default: Some("https://m.example/simple".to_owned()),
            extra: vec!["https://x.example".to_owned()],
        };
        let parsed: toml::Table = indexes.uv_config().parse().unwrap();
        let list = parsed["index"].as_array().unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(list[1]["default"].as_bool(), Some(true));
        assert!(Indexes::default().uv_config().is_empty());
    }
}
