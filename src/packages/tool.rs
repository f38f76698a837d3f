//! The uv that envctl brings along: which one, and from where.

/// The version, pinned: what one envctl resolves, every copy of it resolves.
pub const VERSION: &str = "0.13.8";

/// The image that builds mount it from.
#[must_use]
pub fn image_reference() -> String {
    format!("envctl-tools/uv:{VERSION}")
}
