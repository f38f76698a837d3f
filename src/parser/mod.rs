//! Calls the parser libraries with texts that a stranger wrote.
//!
//! Two checks protect each call. A text that is known to make the library panic or exhaust the stack is refused before
//! the call. Any other panic inside the library becomes an ordinary error.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

mod line_index;
mod requirement;
mod toml;
mod toml_file;
mod version;
mod yaml;

pub use line_index::LineIndex;
pub use requirement::{LONGEST_REQUIREMENT, requirement};
pub use toml::{toml_error, unknown_key};
pub use toml_file::{Lined, TomlError, TomlFile, TomlValue, entries, items, key_of, key_text};
pub use version::{LONGEST_VERSION, specifiers, version};
pub use yaml::{YamlError, YamlNode, YamlValue, yaml};

/// A parser library gave up with a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its parser failed on it")]
pub struct Panicked;

thread_local! {
    /// Whether this thread is inside [`contain`].
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a library's parser; a panic inside is an error, and nothing is printed. Under a fuzzer a panic stays one, so that
/// the first wall is what is tested.
pub fn contain<T>(parse: impl FnOnce() -> T) -> Result<T, Panicked> {
    static SILENCED: Once = Once::new();
    if cfg!(fuzzing) {
        return Ok(parse());
    }
    SILENCED.call_once(silence_contained);
    let outer = CONTAINED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(parse));
    CONTAINED.set(outer);
    result.map_err(|_| Panicked)
}

/// Every other panic is a bug of ours, and is printed as before.
fn silence_contained() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !CONTAINED.get() {
            usual(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_is_an_error() {
        assert_eq!(contain(|| "text".len()), Ok(4));
        assert_eq!(contain(|| std::hint::black_box(None::<u8>).expect("a library's mistake")), Err(Panicked));
        assert_eq!(contain(|| contain(|| panic!("inner"))), Ok(Err::<(), _>(Panicked)));
    }
}
