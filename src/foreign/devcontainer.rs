//! Reads `devcontainer.json`, which is JSON with comments and commas at the end of lists.

use serde_json::Value;

use super::docker_run::DockerRun;
use super::key_setting::KeySetting;
use super::{NotRead, UnreadFile, WhyNotRead};

/// The largest file, bytes.
const LARGEST: usize = 1024 * 1024;

/// The most keys of the file that no key of a manifest has the meaning of.
const MOST_KEYS: usize = 100;

/// What a `devcontainer.json` says about an environment.
#[derive(Clone, Debug, Default)]
pub struct Devcontainer {
    pub image: Option<String>,
    /// The Dockerfile, relative to the file.
    pub dockerfile: Option<String>,
    pub settings: Vec<KeySetting>,
    pub not_read: Vec<NotRead>,
}

/// Reads the file's text.
pub fn read_devcontainer(text: &str) -> Result<Devcontainer, UnreadFile> {
    UnreadFile::check_size(text, LARGEST)?;
    let plain = without_comments(text);
    let root: Value = serde_json::from_str(&plain).map_err(|error| UnreadFile::not_json(error.line().max(1)))?;
    let mut file = Devcontainer::default();
    let line_of = |key: &str| text.find(&format!("\"{key}\"")).map_or(1, |at| text[..at].matches('\n').count() + 1);
    for (key, value) in root.as_object().into_iter().flatten() {
        if !file.take(key, value) {
            if file.not_read.len() >= MOST_KEYS {
                return Err(UnreadFile::too_many(line_of(key), MOST_KEYS, "unknown keys"));
            }
            file.not_read.push(NotRead { text: key.clone(), line: line_of(key), why: WhyNotRead::NoKey });
        }
    }
    Ok(file)
}

impl Devcontainer {
    /// Takes one key. Returns `false` if no key of a manifest has its meaning.
    fn take(&mut self, key: &str, value: &Value) -> bool {
        let texts = || value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        match key {
            "name"
            | "customizations"
            | "extensions"
            | "settings"
            | "$schema"
            | "shutdownAction"
            | "containerUser"
            | "remoteUser"
            | "updateRemoteUserUID"
            | "overrideCommand"
            | "hostRequirements" => {}
            "image" => self.image = value.as_str().map(str::to_owned),
            "dockerFile" => self.dockerfile = value.as_str().map(str::to_owned),
            "build" => {
                self.dockerfile = value.get("dockerfile").and_then(Value::as_str).map(str::to_owned);
            }
            "runArgs" => {
                let mut run = DockerRun::default();
                run.options(&texts().collect::<Vec<_>>());
                self.settings.append(&mut run.settings);
                self.not_read.append(&mut run.not_read);
            }
            "forwardPorts" => {
                let ports = value.as_array().into_iter().flatten().filter_map(Value::as_u64);
                self.settings.extend(ports.map(|port| KeySetting::item("run", "ports", format!("{port}:{port}"))));
            }
            "containerEnv" | "remoteEnv" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    match value.as_str().filter(|text| !text.contains("${")) {
                        Some(text) => self.settings.push(KeySetting::entry("run", "env", name, text)),
                        None => return false,
                    }
                }
            }
            _ => return false,
        }
        true
    }
}

/// The text with blanks in place of comments and of commas before a closing bracket. Lines stay the same.
fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('"', _) => {
                plain.push('"');
                while let Some(inner) = rest.next() {
                    plain.push(inner);
                    match inner {
                        '\\' => plain.extend(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ('/', Some('/')) => {
                while rest.peek().is_some_and(|c| *c != '\n') {
                    rest.next();
                }
            }
            ('/', Some('*')) => {
                rest.next();
                let mut before = ' ';
                for inner in rest.by_ref() {
                    if inner == '\n' {
                        plain.push('\n');
                    }
                    if before == '*' && inner == '/' {
                        break;
                    }
                    before = inner;
                }
            }
            (']' | '}', _) => {
                let end = plain.trim_end().len();
                if plain[..end].ends_with(',') {
                    plain.replace_range(end - 1..end, " ");
                }
                plain.push(character);
            }
            (other, _) => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_with_comments() {
        let text = "{\n  // the image\n  \"image\": \"ubuntu:22.04\", /* why\n  */\n  \"runArgs\": [\"--gpus\", \"all\", \"--shm-size=8g\",],\n\
                    \x20 \"forwardPorts\": [8888],\n  \"containerEnv\": {\"A\": \"//x\"},\n  \"postCreateCommand\": \"pip install -e .\",\n}";
        let file = read_devcontainer(text).unwrap();
        assert_eq!(file.image.as_deref(), Some("ubuntu:22.04"));
        assert_eq!(file.settings.len(), 4);
        assert_eq!(file.not_read, [NotRead { text: "postCreateCommand".into(), line: 8, why: WhyNotRead::NoKey }]);
        assert_eq!(read_devcontainer("{\n\"a\" 1}").unwrap_err().line, 2);
        assert!(read_devcontainer(&"[".repeat(10_000)).is_err());
    }
}
