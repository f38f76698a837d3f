//! Downloads a file over HTTP. No other file speaks HTTP to a network: pip and uv read package indexes, the engine
//! reads images, and a command downloads here only when the user asked for it.
//!
//! The caller's `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` apply. So do the certificates that this host
//! trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others). An `https://` address is never redirected to an `http://`
//! one.

use std::error::Error as _;
use std::time::Duration;

use crate::address::without_password;
use crate::error::Report;

/// The time limit for a connection.
const CONNECT: Duration = Duration::from_secs(15);
/// The time limit for a pause within a download.
const SILENCE: Duration = Duration::from_secs(30);

/// The reason why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The connection failed or broke.
    #[error("can't fetch `{url}`: {message}")]
    Unreachable {
        /// The address, without a password.
        url: String,
        message: String,
    },
    /// The host answers with an error status.
    #[error("can't fetch `{url}`: it answers {status}")]
    Refused {
        /// The address, without a password.
        url: String,
        /// The status, `404 Not Found`.
        status: String,
    },
    /// The file is larger than the limit.
    #[error("`{url}` is larger than {} MiB", limit >> 20)]
    TooLarge {
        /// The address, without a password.
        url: String,
        /// The limit, bytes.
        limit: u64,
    },
}

impl Report for DownloadError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Refused { .. } => "download-refused",
            Self::TooLarge { .. } => "download-too-large",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unreachable { .. } => vec![
                "`https_proxy` names a proxy; a private certificate has to be among those this host trusts, or in the \
                 file that `SSL_CERT_FILE` names"
                    .to_owned(),
            ],
            Self::Refused { .. } => {
                vec!["correct the address, or the name and password in it if the host asks for them".to_owned()]
            }
            Self::TooLarge { .. } => vec!["name the address of a smaller file".to_owned()],
        }
    }
}

/// The bytes at `url`, at most `limit`.
///
/// # Errors
///
/// See [`DownloadError`].
pub async fn download(url: &str, limit: u64) -> Result<Vec<u8>, DownloadError> {
    let shown = without_password(url);
    let failed =
        |error: &reqwest::Error| DownloadError::Unreachable { url: shown.clone(), message: describe_causes(error) };
    // Another part of this program can have chosen the same provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .user_agent(concat!("envctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .https_only(url.starts_with("https://"))
        .build()
        .map_err(|error| failed(&error))?;
    let mut response = client.get(url).send().await.map_err(|error| failed(&error))?;
    if !response.status().is_success() {
        return Err(DownloadError::Refused { url: shown, status: response.status().to_string() });
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > limit {
            return Err(DownloadError::TooLarge { url: shown, limit });
        }
    }
    Ok(bytes)
}

/// The last cause, because the causes before it only repeat the address.
fn describe_causes(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    match error.source() {
        Some(_) => last.to_string(),
        None => error.to_string(),
    }
}
