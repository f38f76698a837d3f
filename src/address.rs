//! The addresses of servers, in a form without passwords that messages and files can contain.
//!
//! An address can hold a password, which no message and no file may show.

/// The address without its name and password: `https://lab:secret@host/x` becomes `https://host/x`.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("https://lab:se@cret@host/a@b"), "https://host/a@b");
        assert_eq!(without_password("https://host/a@b"), "https://host/a@b");
    }
}
