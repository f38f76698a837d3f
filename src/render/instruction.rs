//! Reads Dockerfile text as the builder's own frontend does: which lines are instructions, and which flags each has.
//!
//! The rules are those of the frontend in Docker 20.10 (`BuildKit` 0.8) and of the current one. A text that the two
//! read differently, or that has several readings, is [`Unreadable`]: this module never guesses.

use std::ops::RangeInclusive;

/// One instruction with its continuation lines joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The number of its first line, from 1.
    pub line: usize,
    /// The number of its last line.
    pub last_line: usize,
    /// The name in lower case: `run`.
    pub name: String,
    /// The flags in their order: `--mount=type=secret,id=x` → (`mount`, `type=secret,id=x`). Without `=`, the value is
    /// empty.
    pub flags: Vec<(String, String)>,
    /// The text after the flags.
    pub arguments: String,
}

/// A line with several readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line number, from 1.
    pub line: usize,
    pub why: Ambiguity,
}

/// The reason why a line has several readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// A control character, or a blank that is neither space nor tab. Releases of the builder treat them differently.
    Character,
    /// A flag with a quote, an escape, a variable or a character outside ASCII.
    Flag,
    /// An `escape` or `syntax` directive, which this reader does not support.
    Directive,
    /// A continuation at the end of the text.
    Unfinished,
}

/// The instructions of a complete Dockerfile.
///
/// # Errors
///
/// The first line with several readings.
pub fn dockerfile_instructions(text: &str) -> Result<Vec<Instruction>, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Directives precede all other lines. The first other line ends them.
    let directives = text.lines().take_while(|line| is_directive(line)).count();
    if directives > 0 {
        return Err(Unreadable { line: directives, why: Ambiguity::Directive });
    }
    lines_inside(text)
}

/// The instructions of lines inside a Dockerfile, where a directive is a normal comment.
///
/// # Errors
///
/// The first line with several readings.
pub(super) fn lines_inside(text: &str) -> Result<Vec<Instruction>, Unreadable> {
    let mut instructions = Vec::new();
    let mut lines = text.split('\n').enumerate().map(|(at, line)| (at + 1, line.strip_suffix('\r').unwrap_or(line)));
    while let Some((line, first)) = lines.next() {
        let first = plain(line, first)?.trim_start();
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        let (part, mut goes_on) = without_continuation(first);
        let mut joined = part.to_owned();
        let mut last_line = line;
        while goes_on {
            let (at, next) = lines.next().ok_or(Unreadable { line, why: Ambiguity::Unfinished })?;
            let next = plain(at, next)?;
            let content = next.trim_start();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (part, more) = without_continuation(next);
            joined.push_str(part);
            goes_on = more;
            last_line = at;
        }
        instructions.push(instruction(line..=last_line, &joined)?);
    }
    Ok(instructions)
}

/// Whether a line is a directive: `# escape=…`, `# syntax=…`, `# check=…`.
fn is_directive(line: &str) -> bool {
    let Some((name, _)) = line.trim_start().strip_prefix('#').and_then(|rest| rest.split_once('=')) else {
        return false;
    };
    ["escape", "syntax", "check"].iter().any(|known| name.trim().eq_ignore_ascii_case(known))
}

/// Refuses control characters and unusual blanks, because the builder trims by Unicode in one place and by bytes in
/// another.
fn plain(line: usize, text: &str) -> Result<&str, Unreadable> {
    let odd = |c: char| c != '\t' && c != ' ' && (c.is_control() || c.is_whitespace() || c == '\u{feff}');
    if text.contains(odd) { Err(Unreadable { line, why: Ambiguity::Character }) } else { Ok(text) }
}

/// Removes a backslash at the end, with or without blanks after it. If another backslash precedes it, the line does not
/// continue: `\\\` does not either.
fn without_continuation(line: &str) -> (&str, bool) {
    match line.trim_end_matches([' ', '\t']).strip_suffix('\\') {
        Some(rest) if !rest.ends_with('\\') => (rest, true),
        _ => (line, false),
    }
}

fn instruction(lines: RangeInclusive<usize>, text: &str) -> Result<Instruction, Unreadable> {
    let (line, last_line) = lines.into_inner();
    let text = text.trim();
    let (name, mut rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let mut flags = Vec::new();
    loop {
        rest = rest.trim_start();
        if !rest.starts_with("--") {
            break;
        }
        let end = rest.find([' ', '\t']).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind;
        if word == "--" {
            break;
        }
        if !word.is_ascii() || word.contains(['"', '\'', '\\', '`', '$']) {
            return Err(Unreadable { line, why: Ambiguity::Flag });
        }
        let (flag, value) = word[2..].split_once('=').unwrap_or((&word[2..], ""));
        flags.push((flag.to_owned(), value.to_owned()));
    }
    Ok(Instruction { line, last_line, name: name.to_ascii_lowercase(), flags, arguments: rest.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Instruction> {
        lines_inside(text).unwrap()
    }

    fn one(lines: RangeInclusive<usize>, name: &str, flags: &[(&str, &str)], arguments: &str) -> Instruction {
        let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (line, last_line) = lines.into_inner();
        Instruction { line, last_line, name: name.to_owned(), flags, arguments: arguments.to_owned() }
    }

    #[test]
    fn comments_and_blank_lines_stand_inside_an_instruction() {
        let text = "RUN --mount=type=secret,\\\n# a comment\n\n   \n  # another\\\nid=x \\  \n  true\nENV A=b\n";
        let run = one(1..=7, "run", &[("mount", "type=secret,id=x")], "true");
        assert_eq!(read(text), [run, one(8..=8, "env", &[], "A=b")]);
    }

    #[test]
    fn two_backslashes_do_not_go_on() {
        assert_eq!(read("RUN a \\\\\nRUN b \\\\\\\nRUN c").len(), 3);
        assert_eq!(read("\\\nRUN a").len(), 1);
        assert_eq!(read("RUN a\\\r\n b").len(), 1);
    }

    #[test]
    fn a_flag_ends_at_a_blank_and_flags_end_at_two_dashes() {
        let expected = one(1..=1, "copy", &[("from", "a"), ("chown", "1:1")], "x y");
        assert_eq!(read("cOpY\t--from=a  --chown=1:1\tx y"), [expected]);
        assert_eq!(read("RUN -- --mount=x")[0].flags, []);
        assert_eq!(read("RUN echo --mount=x")[0].flags, []);
    }

    #[test]
    fn a_directive_counts_only_above_everything() {
        assert_eq!(read("# escape=`\nRUN a `\nRUN b").len(), 2);
        for text in ["# escape=`\nFROM a", "#syntax = x\nFROM a", "\u{feff}# check=skip=all\nFROM a"] {
            assert!(dockerfile_instructions(text).is_err(), "{text}");
        }
        assert_eq!(dockerfile_instructions("# a comment\n# escape=`\nFROM a").unwrap().len(), 1);
    }

    #[test]
    fn what_has_no_one_reading_is_named_with_its_line() {
        let why = |text| lines_inside(text).unwrap_err();
        assert_eq!(why("ENV A=b\nRUN a\u{b}b"), Unreadable { line: 2, why: Ambiguity::Character });
        assert_eq!(why("RUN a \\\r\r\nb").why, Ambiguity::Character);
        assert_eq!(why("RUN\u{a0}a").why, Ambiguity::Character);
        assert_eq!(why("RUN --mount=type=\"secret\" a").why, Ambiguity::Flag);
        assert_eq!(why("RUN --mount=id=$X a").why, Ambiguity::Flag);
        assert_eq!(why("RUN --mount=id=\u{e9} a").why, Ambiguity::Flag);
        assert_eq!(why("RUN a \\\n# b\n").why, Ambiguity::Unfinished);
    }
}
