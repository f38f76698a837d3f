//! The type of a source of an organisation's own matrix rows.
//!
//! A URL can carry the digest of its archive, so that a changed archive is refused.

use std::path::{Path, PathBuf};

use super::network::url;
use super::{ValueError, checked_text, has_control};

checked_text! {
    /// A folder, or the URL of an archive of a folder. The URL can carry a digest:
    /// `https://lab.example/matrix.tar.gz#sha256=…`.
    OverlaySource = overlay;
}

impl OverlaySource {
    /// The folder of a source on this host; none for an archive at a URL.
    #[must_use]
    pub fn folder(&self, home: &Path) -> Option<PathBuf> {
        match self.as_str().strip_prefix("~/") {
            Some(below) => Some(home.join(below)),
            None => self.as_str().starts_with('/').then(|| PathBuf::from(self.as_str())),
        }
    }

    /// The archive's address.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        let address = self.as_str().split('#').next()?;
        address.starts_with("http").then_some(address)
    }

    /// The expected digest, in lower-case hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.as_str().split_once("#sha256=").map(|(_, digest)| digest)
    }
}

fn overlay(text: &str) -> Result<String, ValueError> {
    let allowed = "an absolute folder, `~/…`, or the `https://` URL of a `.tar.gz` of one";
    let error = |why| Err(ValueError::new(text, "a source of matrix rows", why, allowed));
    if has_control(text) {
        return error("it has a control character");
    }
    if text.starts_with('/') || text.starts_with("~/") {
        return Ok(text.to_owned());
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return error("it is neither a folder nor a URL");
    }
    url(text)?;
    let is_digest = |digest: &str| digest.len() == 64 && digest.bytes().all(|b| b"0123456789abcdef".contains(&b));
    match text.split_once('#') {
        Some((_, fragment)) if !fragment.strip_prefix("sha256=").is_some_and(is_digest) => {
            error("what follows `#` is not `sha256=` and 64 lower-case hexadecimal digits")
        }
        _ => Ok(text.to_owned()),
    }
}
