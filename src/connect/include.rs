//! The single line of the user's `~/.ssh/config` that belongs to envctl, and the host names in that file.
//!
//! Pure: text in, text out. Every other byte of the file stays as it is.

use std::path::Path;

use super::entry;
use super::fragment::FRAGMENT;

/// Returns the path of envctl's file in the `Include` line; `None` if no client could find it.
///
/// A relative path is below `$HOME/.ssh`, so the line has the same meaning after the configuration is copied. If
/// `home` is not the account's home, later calls may have another `HOME`: then the line has the absolute path, if it
/// can be written. A client reads the path as a pattern, and releases differ in their reading of `"`, `\`, `%` and
/// `$`.
#[must_use]
pub fn word(home: &Path, is_accounts: bool) -> Option<String> {
    let is_pattern = home.as_os_str().as_encoded_bytes().iter().any(|byte| b"*?[".contains(byte));
    if is_accounts && !is_pattern {
        return Some(FRAGMENT.to_owned());
    }
    whole(&home.join(".ssh").join(FRAGMENT)).or_else(|| (!is_pattern).then(|| FRAGMENT.to_owned()))
}

fn whole(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| !text.contains(['"', '\\', '%', '$']))?;
    if text.chars().any(char::is_control) {
        return None;
    }
    let mut literal = String::new();
    for character in text.chars() {
        if "*?[".contains(character) {
            literal.push('\\');
        }
        literal.push(character);
    }
    let is_plain = entry::quote_value(&literal).is_ok_and(|quoted| quoted == literal);
    Some(if is_plain { literal } else { format!("\"{literal}\"") })
}

/// Returns the line to add before the user's configuration; `None` if it exists. `word` is the path in the line.
#[must_use]
pub fn missing_line(config: &str, word: &str) -> Option<String> {
    let line = format!("Include {word}");
    let there = first_lines(config).any(|found| found == line);
    (!there).then(|| format!("{line}\n"))
}

/// Returns the lines before the first setting. The first value of a keyword counts, so a setting before an `Include`
/// overrides it. An `Include` after a `Host` or `Match` counts only for that block.
fn first_lines(config: &str) -> impl Iterator<Item = &str> {
    let sets_nothing = |line: &&str| {
        let word = line.split([' ', '\t', '=']).next().unwrap_or_default();
        word.is_empty() || word.starts_with('#') || word.eq_ignore_ascii_case("include")
    };
    config.lines().map(str::trim).take_while(sets_nothing)
}

/// Whether a `Host` or `Match` line of the configuration names a host, regardless of its other conditions. A line
/// that also matches the unused name `other` is for all hosts and does not count.
#[must_use]
pub fn names_host(config: &str, name: &str, other: &str) -> bool {
    let hosts = config.lines().filter_map(|line| arguments(line, "host")).map(split_words);
    let matches = config.lines().filter_map(|line| arguments(line, "match")).flat_map(matched_hosts);
    hosts.chain(matches).any(|patterns| matches_patterns(&patterns, name) && !matches_patterns(&patterns, other))
}

/// Whether a list of patterns matches a name: at least one pattern matches, and no negated one.
fn matches_patterns(patterns: &[String], name: &str) -> bool {
    let fits = |pattern: &str| {
        // The crate knows more wildcards than a client, which knows only `*` and `?`.
        let pattern = pattern.replace('[', "[[]");
        let options = glob::MatchOptions { case_sensitive: false, ..glob::MatchOptions::new() };
        glob::Pattern::new(&pattern).is_ok_and(|pattern| pattern.matches_with(name, options))
    };
    let is_denied = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).any(fits);
    !is_denied && patterns.iter().any(|pattern| fits(pattern))
}

/// Returns the patterns of the files that a configuration includes.
pub fn included_patterns(config: &str) -> impl Iterator<Item = String> {
    config.lines().filter_map(|line| arguments(line, "include")).flat_map(split_words)
}

/// Returns the lists of patterns after `host` and `originalhost` in the criteria of a `Match`.
fn matched_hosts(criteria: &str) -> Vec<Vec<String>> {
    let words = split_words(criteria);
    let is_host = |word: &str| ["host", "originalhost"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
    let lists = words.windows(2).filter(|pair| is_host(&pair[0])).map(|pair| &pair[1]);
    lists.map(|list| list.split(',').map(str::to_owned).collect()).collect()
}

/// Returns the text after a keyword.
fn arguments<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let line = line.trim();
    let word = line.get(..keyword.len()).filter(|word| word.eq_ignore_ascii_case(keyword))?;
    line[word.len()..].strip_prefix([' ', '\t', '='])
}

/// Splits a line into words; blanks in quotes do not separate.
fn split_words(arguments: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in arguments.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ' ' | '\t' | '=' if !is_quoted => words.push(String::new()),
            character => words.last_mut().expect("there is always a word").push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_once_and_the_rest_untouched() {
        let config = "# mine\r\nHost *\n\tForwardAgent no   \n\n";
        let line = missing_line(config, FRAGMENT).unwrap();
        assert_eq!(line, "Include envctl_config\n");
        for before in ["", "# a comment first\n", "\r\n", "Include ~/.other/ssh\n"] {
            assert_eq!(missing_line(&format!("{before}{line}{config}"), FRAGMENT), None, "{before}");
        }
    }

    #[test]
    fn an_include_behind_a_setting_does_not_count() {
        assert!(missing_line("Host other\n  Include envctl_config\n", FRAGMENT).is_some());
        assert!(missing_line("User evil\nInclude envctl_config\n", FRAGMENT).is_some());
    }

    #[test]
    fn the_word_for_homes_of_every_kind() {
        let word = |home: &str, is_accounts| word(Path::new(home), is_accounts).unwrap_or_default();
        assert_eq!(word("/home/ada", true), "envctl_config");
        assert_eq!(word("/home/a\"d\\a%", true), "envctl_config");
        assert_eq!(word("/home/[ada]", true), "/home/\\[ada]/.ssh/envctl_config".replace("/home", "\"/home") + "\"");
        assert_eq!(word("/srv/ada", false), "/srv/ada/.ssh/envctl_config");
        assert_eq!(word("/srv/my ada#", false), "\"/srv/my ada#/.ssh/envctl_config\"");
        assert_eq!(word("/srv/100%", false), "envctl_config");
        assert_eq!(word("/srv/[100%]", false), "");
    }

    #[test]
    fn names_of_host_lines() {
        let config = "Host lab gpu1\n  User x\nHost *.example\nhost=\"Tower\"\n";
        for name in ["lab", "gpu1", "tower", "a.example"] {
            assert!(names_host(config, name, "nobody"), "{name}");
        }
        assert!(!names_host(config, "x", "nobody"));
        let config = "Match originalhost Lab,gpu1 exec \"test -e /x\"\n  User x\nmatch all\nMatch user y !host z host=\"tower\"\n";
        for name in ["lab", "gpu1", "tower"] {
            assert!(names_host(config, name, "nobody"), "{name}");
        }
        for name in ["all", "y", "x", "exec"] {
            assert!(!names_host(config, name, "nobody"), "{name}");
        }
    }

    #[test]
    fn patterns_under_a_condition_mean_a_name_unless_they_mean_all() {
        for line in [
            "Match originalhost eps?lon exec false",
            "match host Eps* exec false",
            "Host x* eps*",
            "Host *[*",
            "Host [eps]*",
        ] {
            let is_meant = !line.contains('[');
            assert_eq!(names_host(line, "epsilon", "nobody"), is_meant, "{line}");
        }
        for line in
            ["Host *", "Match host * exec false", "Host * !other", "Host eps* !epsilon", "Match host eps*,!epsilon"]
        {
            assert!(!names_host(line, "epsilon", "nobody"), "{line}");
        }
    }
}
