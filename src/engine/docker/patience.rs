//! How long an engine may say nothing before that is an error: whoever waits for an engine that hangs must be told so.

use std::future::Future;
use std::time::Duration;

use bollard::errors::Error;

use super::Docker;
use crate::engine::EngineError;
use crate::engine::refusal::RequestSubject;

/// The bounds, by what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For what the engine only looks up.
    pub usual: Duration,
    /// For what it does: make, start, stop and remove. A loaded engine takes a minute to start a container.
    pub work: Duration,
    /// For unpacking an image, which it does without a word.
    pub load: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { usual: Duration::from_mins(1), work: Duration::from_mins(5), load: Duration::from_hours(1) }
    }
}

impl Docker {
    /// The whole answer to a request, or an error where it does not come in time.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        action: &str,
        subject: RequestSubject<'_>,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, EngineError> {
        match tokio::time::timeout(limit, request).await {
            Ok(answer) => answer.map_err(|error| self.attempt(action, subject).failed(error)),
            Err(_) => Err(self.silent(action, limit)),
        }
    }

    pub(super) fn silent(&self, action: &str, waited: Duration) -> EngineError {
        EngineError::Silent { endpoint: self.endpoint.clone(), action: action.to_owned(), waited }
    }
}
