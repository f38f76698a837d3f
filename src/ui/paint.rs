//! Colours of our own output.

use super::plain::own_color;

/// Colour, or none.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    fn code(self, code: &str, text: &str) -> String {
        if self.0 { own_color(code) + text + &own_color("0") } else { text.to_owned() }
    }

    /// Errors.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.code("1;31", text)
    }

    /// Warnings.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.code("1;33", text)
    }

    /// What went well.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.code("1;32", text)
    }

    /// Hints.
    #[must_use]
    pub fn cyan(self, text: &str) -> String {
        self.code("1;36", text)
    }

    /// Places.
    #[must_use]
    pub fn blue(self, text: &str) -> String {
        self.code("1;34", text)
    }

    /// Names and headings.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    /// What may be skipped.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.code("2", text)
    }
}
