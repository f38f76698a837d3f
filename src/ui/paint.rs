//! The colours of envctl's own output.
//!
//! Each colour has one meaning, so that the same kind of text looks the same everywhere.

use super::plain::own_color;

/// Whether to use colour.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    fn code(self, code: &str, text: &str) -> String {
        if self.0 { own_color(code) + text + &own_color("0") } else { text.to_owned() }
    }

    /// The colour of errors.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.code("1;31", text)
    }

    /// The colour of warnings.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.code("1;33", text)
    }

    /// The colour of successes.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.code("1;32", text)
    }

    /// The colour of hints.
    #[must_use]
    pub fn cyan(self, text: &str) -> String {
        self.code("1;36", text)
    }

    /// The colour of places.
    #[must_use]
    pub fn blue(self, text: &str) -> String {
        self.code("1;34", text)
    }

    /// The style of names and headings.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    /// The style of details.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.code("2", text)
    }
}
