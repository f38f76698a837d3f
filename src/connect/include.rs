//! The texts of two files: the user's `~/.ssh/config`, which gets one line, and our own with all environments' blocks.
//! Pure: text in, text out.

/// What our own file is called, in `~/.ssh`.
pub const FRAGMENT: &str = "envctl_config";

const HEAD: &str = "# Written by envctl. What is changed here is lost; your own settings belong in ~/.ssh/config.\n";

/// The line that has to be put before the user's configuration; `None` where it is there already. `word` is the path as
/// the line names it.
#[must_use]
pub fn missing_line(config: &str, word: &str) -> Option<String> {
    let line = format!("Include {word}");
    let there = top_lines(config).any(|found| found == line);
    (!there).then(|| format!("{line}\n"))
}

/// Lines before the first `Host` or `Match`: an `Include` further down would count for that block alone.
fn top_lines(config: &str) -> impl Iterator<Item = &str> {
    let opens = |line: &&str| {
        let word = line.split([' ', '\t', '=']).next().unwrap_or_default();
        !word.eq_ignore_ascii_case("host") && !word.eq_ignore_ascii_case("match")
    };
    config.lines().map(str::trim).take_while(opens)
}

/// Our file with an environment's block put in, or put in place of its old one.
#[must_use]
pub fn with_block(fragment: &str, id: &str, block: &str) -> String {
    let others = without_block(fragment, id);
    let others = if others.is_empty() { HEAD.to_owned() } else { others };
    format!("{others}\n{}\n{block}{}\n", begin(id), end(id))
}

/// Our file without an environment's block.
#[must_use]
pub fn without_block(fragment: &str, id: &str) -> String {
    let (begin, end) = (begin(id), end(id));
    let Some(start) = find_line(fragment, &begin) else { return fragment.to_owned() };
    let stop = find_line(&fragment[start..], &end).map_or(fragment.len(), |at| start + at + end.len());
    let before = fragment[..start].trim_end_matches('\n');
    let after = fragment[stop..].trim_start_matches('\n');
    let gap = if after.is_empty() { "\n" } else { "\n\n" };
    format!("{before}{gap}{after}")
}

/// Whether neither the user's configuration nor another environment's block uses a name. A pattern with wildcards does
/// not take a name: it adds settings to whatever it fits.
#[must_use]
pub fn is_free(name: &str, config: &str, fragment: &str, id: &str) -> bool {
    let others = without_block(fragment, id);
    !names(config).chain(names(&others)).any(|taken| taken == name)
}

fn names(config: &str) -> impl Iterator<Item = String> {
    let hosts = config.lines().filter_map(|line| {
        let line = line.trim();
        let word = line.get(..4).filter(|word| word.eq_ignore_ascii_case("host"))?;
        line[word.len()..].strip_prefix([' ', '\t', '='])
    });
    hosts.flat_map(|patterns| {
        let words = patterns.split([' ', '\t', '=']).map(|word| word.trim_matches('"').to_ascii_lowercase());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
    })
}

fn begin(id: &str) -> String {
    format!("# begin {id}")
}

fn end(id: &str) -> String {
    format!("# end {id}")
}

/// Where a whole line stands.
fn find_line(text: &str, line: &str) -> Option<usize> {
    let mut at = 0;
    for found in text.split_inclusive('\n') {
        if found.trim_end() == line {
            return Some(at);
        }
        at += found.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_once_and_the_rest_untouched() {
        let config = "# mine\r\nHost *\n\tForwardAgent no   \n\n";
        let line = missing_line(config, FRAGMENT).unwrap();
        assert_eq!(line, "Include envctl_config\n");
        assert_eq!(missing_line(&format!("{line}{config}"), FRAGMENT), None);
        assert_eq!(missing_line(&format!("# a comment first\n{line}{config}"), FRAGMENT), None);
    }

    #[test]
    fn an_include_inside_a_block_does_not_count() {
        let config = "Host other\n  Include envctl_config\n";
        assert!(missing_line(config, FRAGMENT).is_some());
    }

    #[test]
    fn blocks_come_and_go() {
        let one = with_block("", "a-1", "Host a-1\n");
        let two = with_block(&one, "b-2", "Host b-2\n");
        let changed = with_block(&two, "a-1", "Host a-1 a\n");
        insta::assert_snapshot!(changed, @r"
        # Written by envctl. What is changed here is lost; your own settings belong in ~/.ssh/config.

        # begin b-2
        Host b-2
        # end b-2

        # begin a-1
        Host a-1 a
        # end a-1
        ");
        assert_eq!(with_block(&changed, "a-1", "Host a-1 a\n"), changed);
        let less = without_block(&changed, "b-2");
        assert_eq!(without_block(&less, "a-1"), HEAD);
        assert_eq!(without_block(&less, "c-3"), less);
    }

    #[test]
    fn a_name_is_free_where_nobody_uses_it() {
        let config = "Host lab gpu1\n  User x\nHost *.example\nhost=\"Tower\"\n";
        let fragment = with_block("", "vision-1", "Host vision-1 vision\n");
        assert!(!is_free("lab", config, &fragment, "lab-9"));
        assert!(!is_free("tower", config, &fragment, "tower-9"));
        assert!(is_free("a.example", config, &fragment, "x-9"));
        assert!(!is_free("vision", config, &fragment, "vision-2"));
        assert!(is_free("vision", config, &fragment, "vision-1"));
    }
}
