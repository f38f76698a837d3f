//! Text of others, made fit to be shown: escapes, addresses without passwords, words quoted for a shell.
//!
//! All functions are pure. The printer uses them, and so do the errors that quote a name or an address.

/// Quotes a word so that a shell reads it back unchanged.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text in a form for messages: control characters are escaped, and a very long text is cut.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        None => escaped(text),
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
    }
}

/// Whether a character is invisible or changes the direction of others. With it, one name can look like another.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    // Unicode's format characters (Cf), the characters that a program can ignore (Default_Ignorable_Code_Point), and
    // the empty Braille pattern.
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text with control and invisible characters escaped. Quotes and backslashes stay, because they are part of names.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        // A backslash that would look like the start of an escape is escaped too, so that the output has only one
        // meaning.
        let is_ambiguous = character == '\\' && text[at + 1..].starts_with("u{");
        if is_ambiguous || is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A text in which each character of an address's name and password is a `*`: `https://***@host/x`. An address can be
/// invalid, so its parts are guessed; the guess hides too much rather than too little. It costs as much as the text is
/// long.
#[must_use]
pub fn redacted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut begin = 0;
    // The place where an address ends at the latest, and the last `@` before it.
    let (mut end, mut last_at) = (0, None);
    while let Some(found) = text[begin..].find("://") {
        let address = begin + found + 3;
        if address >= end {
            end = text[address..].find(['"', '`', '<', '>', '\n', '\r']).map_or(text.len(), |at| address + at);
            last_at = text[address..end].rfind('@').map(|at| address + at);
        }
        let hidden_end = user_end(&text[address..end]).map_or(address, |user| match user {
            UserEnd::At(at) => address + at,
            UserEnd::AtTheLast => last_at.filter(|at| *at >= address).unwrap_or(address),
        });
        shown.push_str(&text[begin..address]);
        shown.extend(std::iter::repeat_n('*', hidden_end - address));
        begin = hidden_end;
    }
    shown + &text[begin..]
}

/// The end of the name and the password of an address.
enum UserEnd {
    At(usize),
    /// The password contains a `/` or a `#`, so it ends before the last `@`.
    AtTheLast,
}

/// Finds the `@` that ends the name and the password of an address.
fn user_end(address: &str) -> Option<UserEnd> {
    let authority = address.split(['/', '?', '#', ' ', '\t', ',']).next().unwrap_or_default();
    if let Some(at) = authority.rfind('@') {
        return Some(UserEnd::At(at));
    }
    // The text after the `:` is a port, or it is not.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    authority.split_once(':').filter(|(_, port)| !is_port(port)).map(|_| UserEnd::AtTheLast)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_shape_is_shown_as_an_escape_that_stands_for_it_alone() {
        for character in
            ['\u{200b}', '\u{202e}', '\u{3164}', '\u{ffa0}', '\u{2800}', '\u{fe0f}', '\u{e0100}', '\u{115f}']
        {
            assert_eq!(escaped(&format!("a{character}")), format!("a{}", character.escape_unicode()));
        }
        assert_eq!(escaped("a\\u{200b} b\\n"), "a\\u{5c}u{200b} b\\n");
    }

    #[test]
    fn names_are_shown_as_they_are() {
        assert_eq!(shown("/srv/h\"q'\\ é"), "/srv/h\"q'\\ é");
        assert_eq!(shown("a\n\u{1b}[2J\u{9b}"), "a\\n\\u{1b}[2J\\u{9b}");
    }

    #[test]
    fn no_password_of_an_address_is_shown() {
        for (text, expected) in [
            ("https://ada:pw@h/x y", "https://******@h/x y"),
            ("x @ http://ada@h", "x @ http://***@h"),
            ("https://ada:p/w@h/", "https://*******@h/"),
            ("https://ada:p#@w@h", "https://********@h"),
            (
                "a = [\"https://ada:p w@h\", \"https://b@c\"] # d@e",
                "a = [\"https://*******@h\", \"https://*@c\"] # d@e",
            ),
            ("https://h:8080/x@y", "https://h:8080/x@y"),
            ("https://h/x@y https://z", "https://h/x@y https://z"),
            ("ada@h: no address", "ada@h: no address"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }
}
