//! PEP 440 texts: versions and lists of specifiers.

use pep440_rs::{Version, VersionSpecifiers};

use super::contain;

/// The longest version, and the longest list of specifiers, bytes. The longest of either on the package index has far less.
pub const LONGEST_VERSION: usize = 1024;

/// A version; none where the text is not one.
#[must_use]
pub fn version(text: &str) -> Option<Version> {
    contain(|| bounded(text)?.parse().ok()).ok().flatten()
}

/// A list of specifiers, such as `>=2.4,<2.6`; none where the text is not one.
#[must_use]
pub fn specifiers(text: &str) -> Option<VersionSpecifiers> {
    contain(|| bounded(text)?.parse().ok()).ok().flatten()
}

fn bounded(text: &str) -> Option<&str> {
    (text.len() <= LONGEST_VERSION && text.is_ascii()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_text_is_none() {
        assert!(version("2.4.1+cu121").is_some());
        assert!(specifiers(">=2.4, !=2.5.*").is_some());
        assert!(version(&"1.".repeat(10_000)).is_none());
        assert!(specifiers(&">1,".repeat(10_000)).is_none());
        assert!(version("99999999999999999999999").is_none());
    }
}
