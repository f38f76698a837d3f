//! Words that are quoted for their place, with one type for each place. Templates accept only these types, so text from
//! a manifest cannot reach a shell, a Dockerfile or sshd as syntax:
//!
//! ```compile_fail
//! use envctl::render::words::ShellWord;
//! let word = ShellWord("$(touch /tmp/owned)".to_owned()); // private: only the quoting constructor makes one
//! ```
//!
//! ```compile_fail
//! use envctl::render::words::{DockerfileWord, ShellWord};
//! let word: DockerfileWord = ShellWord::new("one place's quoting is not another's");
//! ```

use serde::Serialize;

use crate::text::escaped;

/// The reason why a text cannot be quoted for its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unquotable {
    /// Quotes do not keep a line break or a NUL together with the rest.
    #[error("`{}` can't be quoted for `{place}`: it has a line break or another control character", escaped(text))]
    ControlCharacter {
        text: String,
        /// The program or file that reads it: `sh`.
        place: &'static str,
    },
    /// No quotes protect a character in a `--mount` flag.
    #[error("`{}` can't be a value of `--mount`: it can only have letters, digits and `_.-/:@`", escaped(text))]
    MountCharacter { text: String },
    /// A value of a `--mount` flag is missing.
    #[error("a value of `--mount` can't be empty")]
    EmptyMount,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The quoted text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

words! {
    /// One word of a POSIX shell, on one line.
    ShellWord;
    /// One word of a Dockerfile instruction in which the builder expands variables (`FROM`, `ENV`, `ARG`).
    DockerfileWord;
    /// A value in a `--mount=` flag, or a complete flag. It has only letters, digits and `_.-/:@`, because no quoting
    /// is reliable there.
    MountWord;
    /// The arguments of `RUN` in its JSON form. No shell parses them, and the builder expands nothing in them.
    ExecForm;
    /// The paths of `COPY` in its JSON form. The other form splits at blanks, even in quotes.
    CopyForm;
    /// One word of `sshd_config`.
    SshdWord;
    /// Complete Dockerfile lines of the manifest, unchanged.
    DockerfileLines;
}

/// Characters without a special meaning in any of the places.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.-/:@%+=,".contains(c)
}

fn without_control_characters<'t>(text: &'t str, place: &'static str) -> Result<&'t str, Unquotable> {
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Unquotable::ControlCharacter { text: text.to_owned(), place });
    }
    Ok(text)
}

impl ShellWord {
    /// Quotes with `'`; `don't` becomes `'don'\''t'`.
    ///
    /// # Errors
    ///
    /// A line break, which ends a Dockerfile's instruction, or a NUL, which ends a C string. Quotes do not prevent
    /// this.
    pub fn new(text: &str) -> Result<Self, Unquotable> {
        let text = without_control_characters(text, "sh")?;
        if !text.is_empty() && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Ok(Self(format!("'{}'", text.replace('\'', r"'\''"))))
    }
}

impl DockerfileWord {
    /// Quotes with `"`, so that no variable is expanded and no escape is read.
    ///
    /// # Errors
    ///
    /// A line break, which ends the instruction.
    pub fn new(text: &str) -> Result<Self, Unquotable> {
        let text = without_control_characters(text, "Dockerfile")?;
        if !text.is_empty() && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        let mut quoted = String::from('"');
        for character in text.chars() {
            if matches!(character, '"' | '\\' | '$') {
                quoted.push('\\');
            }
            quoted.push(character);
        }
        quoted.push('"');
        Ok(Self(quoted))
    }
}

impl MountWord {
    /// Accepts the text unchanged, or not at all.
    ///
    /// # Errors
    ///
    /// An empty text or any other character: a comma starts an option, a quote belongs to CSV, `$` starts a variable.
    pub fn new(text: &str) -> Result<Self, Unquotable> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/:@".contains(c);
        if text.is_empty() {
            return Err(Unquotable::EmptyMount);
        }
        if !text.chars().all(plain) {
            return Err(Unquotable::MountCharacter { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl MountWord {
    /// The complete flag for a required secret.
    ///
    /// # Errors
    ///
    /// An id with a character that [`Self::new`] refuses.
    pub(super) fn secret(id: &str) -> Result<Self, Unquotable> {
        let Self(id) = Self::new(id)?;
        Ok(Self(format!("--mount=type=secret,id={id},target=/run/secrets/{id},required=true")))
    }
}

impl ExecForm {
    /// Accepts any arguments, because JSON writes line breaks as `\n`.
    #[must_use]
    pub fn new(arguments: &[&str]) -> Self {
        Self(serde_json::to_string(arguments).expect("strings serialise"))
    }
}

impl CopyForm {
    /// The source and the target. After the JSON the builder expands variables and removes quotes, so both are escaped
    /// first.
    ///
    /// # Errors
    ///
    /// A path with a control character.
    pub fn new(from: &str, to: &str) -> Result<Self, Unquotable> {
        let without_syntax = |path: &str| -> Result<String, Unquotable> {
            let mut word = String::new();
            for character in without_control_characters(path, "COPY")?.chars() {
                if matches!(character, '"' | '\'' | '\\' | '$') {
                    word.push('\\');
                }
                word.push(character);
            }
            Ok(word)
        };
        let paths = [without_syntax(from)?, without_syntax(to)?];
        Ok(Self(serde_json::to_string(&paths).expect("strings serialise")))
    }
}

impl SshdWord {
    /// Quotes with `"` in the form of OpenSSH 8.7 and later.
    ///
    /// # Errors
    ///
    /// A line break, which starts the next keyword.
    pub fn new(text: &str) -> Result<Self, Unquotable> {
        let text = without_control_characters(text, "sshd_config")?;
        if !text.is_empty() && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Ok(Self(format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))))
    }
}

impl DockerfileLines {
    /// The lines without blank lines around them. [`super::append`] decides which lines are refused.
    #[must_use]
    pub(super) fn new(text: &str) -> Self {
        Self(text.trim_matches(['\n', '\r']).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NASTY: &str = "a 'b' \"c\" $HOME `id` $(id) \\ \\n # ; & | < > * ? [x] {y,z} ! ~ =é %s";

    #[test]
    fn plain_words_stay_readable() {
        assert_eq!(ShellWord::new("libgl1=1:2.3-4").unwrap().as_str(), "libgl1=1:2.3-4");
        assert_eq!(DockerfileWord::new("/opt/tools").unwrap().as_str(), "/opt/tools");
        assert_eq!(SshdWord::new("LANG=C.UTF-8").unwrap().as_str(), "LANG=C.UTF-8");
    }

    #[test]
    fn nothing_is_a_word_too() {
        assert_eq!(ShellWord::new("").unwrap().as_str(), "''");
        assert_eq!(DockerfileWord::new("").unwrap().as_str(), "\"\"");
    }

    #[test]
    fn line_breaks_are_refused_where_they_end_something() {
        for text in ["a\nb", "a\rb", "a\0b"] {
            assert!(ShellWord::new(text).is_err());
            assert!(DockerfileWord::new(text).is_err());
            assert!(SshdWord::new(text).is_err());
        }
        assert_eq!(ExecForm::new(&["/bin/sh", "-c", "a\nb"]).as_str(), r#"["/bin/sh","-c","a\nb"]"#);
    }

    #[test]
    fn a_copy_keeps_its_blanks_and_expands_nothing() {
        let form = CopyForm::new("copy/0", r#"/opt/my "$HOME" \ it's"#).unwrap();
        assert_eq!(form.as_str(), r#"["copy/0","/opt/my \\\"\\$HOME\\\" \\\\ it\\'s"]"#);
    }

    #[test]
    fn a_mount_takes_no_second_option() {
        for text in ["id,target=/etc", "$X"] {
            assert_eq!(MountWord::new(text), Err(Unquotable::MountCharacter { text: text.to_owned() }));
        }
        assert_eq!(MountWord::new(""), Err(Unquotable::EmptyMount));
        assert!(MountWord::new("hf_token").is_ok());
    }

    fn through_sh(word: &ShellWord) -> String {
        let script = format!("printf %s {}", word.as_str());
        let output = crate::system::command("/bin/sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_real_shell_reads_back_what_was_meant() {
        assert_eq!(through_sh(&ShellWord::new(NASTY).unwrap()), NASTY);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn any_text_comes_back_from_a_real_shell(text in r"[ -~\té]{0,40}") {
            prop_assert_eq!(through_sh(&ShellWord::new(&text).unwrap()), text);
        }

        /// The builder's rule for double quotes: `\` takes the next character literally, `$` expands, and `"` ends the
        /// text.
        #[test]
        fn a_dockerfile_word_has_one_reading(text in r"[ -~\té]{0,40}") {
            let word = DockerfileWord::new(&text).unwrap();
            let Some(inner) = word.as_str().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
                prop_assert_eq!(word.as_str(), text);
                return Ok(());
            };
            let mut read = String::new();
            let mut characters = inner.chars();
            while let Some(character) = characters.next() {
                prop_assert!(!matches!(character, '"' | '$'));
                read.push(if character == '\\' { characters.next().unwrap() } else { character });
            }
            prop_assert_eq!(read, text);
        }
    }
}
