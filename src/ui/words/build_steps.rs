//! The names of the steps of a build.
//!
//! They replace the instructions of the Dockerfile, which mean little to most users.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::ui::plain::plain;

/// Returns a name with at most this number of columns; a mark replaces the rest.
pub(in crate::ui) fn shorten(name: &str, columns: usize) -> String {
    if name.width() <= columns {
        return name.to_owned();
    }
    let mut used = 1;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= columns
    };
    name.chars().take_while(fits).chain(['…']).collect()
}

/// Returns a step's command without the mounts that every step has: `[2/5] RUN apt-get …`.
pub(in crate::ui) fn step_words(name: &str) -> String {
    const WIDTH: usize = 100;
    let words = name.split_whitespace().filter(|word| !word.starts_with("--mount="));
    let name = plain(&words.collect::<Vec<_>>().join(" ")).replacen("[stage-0 ", "[", 1).replacen("[internal] ", "", 1);
    shorten(&name, WIDTH)
}

/// Returns `[2/5]`, for a step that was shown in full before.
pub(in crate::ui) fn step_place(name: &str) -> &str {
    match name.find("] ") {
        Some(end) if name.starts_with('[') => &name[..=end],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_named_by_what_it_does() {
        let name =
            "[stage-0 2/5] RUN --mount=type=cache,target=/var/cache/apt     apt-get update     && apt-get install git";
        assert_eq!(step_words(name), "[2/5] RUN apt-get update && apt-get install git");
        assert_eq!(step_place(&step_words(name)), "[2/5]");
        assert_eq!(step_place("mmdebstrap bookworm"), "mmdebstrap bookworm");
        assert_eq!(step_place(&step_words("[internal] load metadata for x:1")), "load metadata for x:1");
        assert_eq!(step_words(&"x".repeat(200)).width(), 100);
        assert_eq!(shorten("编译器 git", 7), "编译器…");
        assert_eq!(shorten("编译器 git", 6), "编译…");
        assert_eq!(shorten("编译器", 6), "编译器");
    }
}
