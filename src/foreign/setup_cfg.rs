//! Reads `setup.cfg`: the options of setuptools.

use super::setup_py::SetupFile;
use super::{Lined, MOST, NotRead, UnreadFile, WhyNotRead, lined, normal_name};

/// The largest file, bytes.
const LARGEST: usize = 1024 * 1024;

/// Reads the file's text.
pub fn read_setup_cfg(text: &str) -> Result<SetupFile, UnreadFile> {
    UnreadFile::check_size(text, LARGEST)?;
    let mut file = SetupFile::default();
    let (mut section, mut key) = ("", String::new());
    for (at, line) in text.lines().enumerate() {
        let words = without_comment(line).trim();
        if words.is_empty() {
            continue;
        }
        if let Some(name) = words.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
            key.clear();
            continue;
        }
        let value = if line.starts_with([' ', '\t']) && !key.is_empty() {
            words
        } else if let Some((name, value)) = words.split_once('=').or_else(|| words.split_once(':')) {
            key = name.trim().to_lowercase();
            value.trim()
        } else {
            continue;
        };
        if !value.is_empty() {
            file.put(section, &key, lined(value, at + 1));
        }
        if file.dependencies.len() > MOST {
            return Err(UnreadFile::too_many(at + 1, MOST, "requirements"));
        }
    }
    Ok(file)
}

/// A `#` at the start or after a blank begins a comment.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) { "" } else { line.split(" #").next().unwrap_or_default() }
}

impl SetupFile {
    fn put(&mut self, section: &str, key: &str, value: Lined<String>) {
        match (section, key) {
            ("options", "python_requires") => self.requires_python = Some(value),
            ("options", "install_requires") if value.value.starts_with("file:") => {
                let why = WhyNotRead::InOtherFile;
                self.not_read.push(NotRead { text: value.value, line: value.line, why });
            }
            ("options", "install_requires") => self.dependencies.push(value),
            ("options.extras_require", extra) => self.extras.entry(normal_name(extra)).or_default().push(value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_setuptools() {
        let text = "[metadata]\nname = x\n[options]\npython_requires = >=3.8\ninstall_requires =\n    # why\n    numpy<2\n\
                    \x20   torch>=2 ; python_version > '3'\n[options.extras_require]\ndev = pytest\n    ruff\n";
        let file = read_setup_cfg(text).unwrap();
        assert_eq!(file.requires_python, Some(lined(">=3.8", 4)));
        assert_eq!(file.dependencies, [lined("numpy<2", 7), lined("torch>=2 ; python_version > '3'", 8)]);
        assert_eq!(file.extras["dev"], [lined("pytest", 10), lined("ruff", 11)]);
    }
}
