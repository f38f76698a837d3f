//! Splits a shell line into words as a shell would, without expanding anything.

/// The longest line, bytes.
const LONGEST: usize = 64 * 1024;

/// The words of a line. `None`: a quote has no end, or the line is too long.
#[must_use]
pub fn shell_words(line: &str) -> Option<Vec<String>> {
    if line.len() > LONGEST {
        return None;
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next()? {
                '\n' => {}
                escaped => word.get_or_insert_default().push(escaped),
            },
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' if matches!(characters.peek(), Some('"' | '\\' | '$' | '`')) => {
                            word.extend(characters.next());
                        }
                        other => word.push(other),
                    }
                }
            }
            '#' if word.is_none() => {
                while characters.peek().is_some_and(|c| *c != '\n') {
                    characters.next();
                }
            }
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// Splits a shell line into its commands, at `&&`, `||`, `;` and `|` outside quotes. `None`: it is not a line of a shell.
pub(super) fn commands(line: &str) -> Option<Vec<Vec<String>>> {
    let mut commands = vec![Vec::new()];
    for word in shell_words(&spaced(line))? {
        if ["&&", "||", ";", "|", "&"].contains(&word.as_str()) {
            commands.push(Vec::new());
        } else if let Some(command) = commands.last_mut() {
            command.push(word);
        }
    }
    commands.retain(|command| !command.is_empty());
    Some(commands)
}

/// The line with blanks around each separator outside quotes.
fn spaced(line: &str) -> String {
    let mut spaced = String::with_capacity(line.len() + 16);
    let mut quote = None;
    let mut escaped = false;
    for character in line.chars() {
        match quote {
            _ if escaped => escaped = false,
            _ if character == '\\' && quote != Some('\'') => escaped = true,
            Some(open) if open == character => quote = None,
            None if character == '\'' || character == '"' => quote = Some(character),
            _ => {}
        }
        let is_separator = quote.is_none() && !escaped && ";|&".contains(character);
        let continues = is_separator && spaced.ends_with(&format!(" {character} "));
        if continues {
            spaced.truncate(spaced.len() - 1);
            spaced.push(character);
            spaced.push(' ');
        } else if is_separator {
            spaced.push(' ');
            spaced.push(character);
            spaced.push(' ');
        } else {
            spaced.push(character);
        }
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_a_shell_reads_them() {
        let words = |line: &str| shell_words(line).unwrap();
        assert_eq!(words("a 'b c' \"d\\\"e\" f\\ g ''"), ["a", "b c", "d\"e", "f g", ""]);
        assert_eq!(words("a \\\n  b # c\nd"), ["a", "b", "d"]);
        assert_eq!(words("a=$(pwd) x#y"), ["a=$(pwd)", "x#y"]);
        assert_eq!(shell_words("a 'b"), None);
        assert_eq!(shell_words("a \\"), None);
    }

    #[test]
    fn commands_of_a_line() {
        let found = commands("apt-get update&&apt-get install -y a; pip install 'x>=1;y' || true").unwrap();
        assert_eq!(found[1], ["apt-get", "install", "-y", "a"]);
        assert_eq!(found[2], ["pip", "install", "x>=1;y"]);
        assert_eq!(found.len(), 4);
    }
}
