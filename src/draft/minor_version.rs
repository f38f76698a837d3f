//! The first two numbers of a version: an update of a toolkit is the same CUDA, and a patch release the same Python.
//!
//! A draft pins no more, because an exact release often has no build for the machine of the next user.

/// Cuts a version after its second number: `12.1.1` is `12.1`.
pub(super) fn cut_to_minor(version: &str) -> String {
    version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_at_most() {
        for (version, minor) in [("12.1.1", "12.1"), ("3.10", "3.10"), ("12", "12"), ("", "")] {
            assert_eq!(cut_to_minor(version), minor);
        }
    }
}
