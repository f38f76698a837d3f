//! Translates `bollard`'s errors into envctl's.
//!
//! No other room sees an error of the client library.

use std::io::ErrorKind;

use bollard::errors::Error;

use super::refusal::{RefusedRequest, RequestSubject, classify_refusal};
use crate::engine::{AddressOrigin, EngineError};

/// The attempted request, for the text of an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub(super) endpoint: &'a str,
    /// The origin of the endpoint.
    pub(super) origin: &'a AddressOrigin,
    /// `create the container`
    pub(super) action: &'a str,
    pub(super) subject: RequestSubject<'a>,
}

impl Attempt<'_> {
    pub(super) fn failed(&self, error: Error) -> EngineError {
        match error {
            Error::DockerResponseServerError { message, .. } => self.refused(&message),
            Error::DockerStreamError { error } => self.refused(&error),
            Error::SocketNotFoundError(_) => connecting(&error, self.endpoint, self.origin),
            // `IOError` is transparent: its own `source` skips the error with the cause.
            Error::IOError { err } => self.broken(&err),
            other => self.broken(&other),
        }
    }

    pub(super) fn refused(&self, text: &str) -> EngineError {
        classify_refusal(text, RefusedRequest { action: self.action, subject: self.subject })
    }

    /// An error of the transport: no connection, or a broken one.
    pub(super) fn broken(&self, error: &(dyn std::error::Error + 'static)) -> EngineError {
        let reason = root_words(error);
        match io_kind(error) {
            Some(kind @ (ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::PermissionDenied)) => {
                self.unreachable(reason, kind == ErrorKind::PermissionDenied)
            }
            _ if reason.contains("error trying to connect") || reason.contains("dns error") => {
                self.unreachable(reason, false)
            }
            _ => EngineError::ConnectionLost { reason },
        }
    }

    fn unreachable(&self, reason: String, denied: bool) -> EngineError {
        EngineError::Unreachable { endpoint: self.endpoint.to_owned(), origin: self.origin.clone(), reason, denied }
    }
}

/// An error of connecting, before any request.
pub(super) fn connecting(error: &Error, endpoint: &str, origin: &AddressOrigin) -> EngineError {
    let reason = match error {
        Error::SocketNotFoundError(_) => "there is no such socket".to_owned(),
        other => root_words(other),
    };
    EngineError::Unreachable { endpoint: endpoint.to_owned(), origin: origin.clone(), reason, denied: false }
}

/// Turns the engine's "no such object" into `None`.
pub(super) fn absent_is_none<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Turns "no such object" and "removal in progress" into success.
pub(super) fn absent_is_fine(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(Error::DockerResponseServerError { status_code: 409, message })
            if message.contains("is already in progress") =>
        {
            Ok(())
        }
        result => absent_is_none(result).map(|_| ()),
    }
}

/// Returns the message of the innermost error, because hyper's own is only "client error (Connect)".
fn root_words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// Returns the kind of the first I/O error in the chain of sources.
fn io_kind(error: &(dyn std::error::Error + 'static)) -> Option<ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.kind() != ErrorKind::Other
        {
            return Some(io.kind());
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;

    const ATTEMPT: Attempt<'static> = Attempt {
        endpoint: "unix:///run/x.sock",
        origin: &AddressOrigin::Variable("DOCKER_HOST"),
        action: "list the containers",
        subject: RequestSubject::Engine,
    };

    fn io(kind: ErrorKind) -> Error {
        Error::IOError { err: std::io::Error::from(kind) }
    }

    #[test]
    fn permission_is_told_apart_from_nobody_listening() {
        let denied = ATTEMPT.failed(io(ErrorKind::PermissionDenied));
        assert!(matches!(denied, EngineError::Unreachable { denied: true, .. }), "{denied}");
        let refused = ATTEMPT.failed(io(ErrorKind::ConnectionRefused));
        assert!(matches!(refused, EngineError::Unreachable { denied: false, .. }), "{refused}");
    }

    #[test]
    fn who_named_an_address_where_nothing_listens_is_said() {
        let hints = |origin: AddressOrigin| {
            let attempt = Attempt { origin: &origin, ..ATTEMPT };
            attempt.failed(io(ErrorKind::ConnectionRefused)).hints().join("; ")
        };
        assert!(hints(AddressOrigin::Default).contains("`envctl setup`"));
        for (origin, says) in [
            (AddressOrigin::Flag, "leave out `--engine`"),
            (AddressOrigin::Variable("DOCKER_HOST"), "`unset DOCKER_HOST`"),
            (AddressOrigin::Context("lab".to_owned()), "the docker context `lab`"),
        ] {
            let told = hints(origin);
            assert!(
                told.contains(says) && told.contains("at `unix:///run/x.sock`") && !told.contains("setup"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_connection_that_breaks_off_is_not_called_unreachable() {
        let lost = ATTEMPT.failed(io(ErrorKind::UnexpectedEof));
        assert!(matches!(lost, EngineError::ConnectionLost { .. }), "{lost}");
    }

    #[test]
    fn absent_things_are_an_answer() {
        let gone = || Error::DockerResponseServerError { status_code: 404, message: "No such container: x".into() };
        assert!(absent_is_none::<()>(Err(gone())).unwrap().is_none());
        absent_is_fine(Err(gone())).unwrap();
        let busy = Error::DockerResponseServerError {
            status_code: 409,
            message: "removal of container x is already in progress".into(),
        };
        absent_is_fine(Err(busy)).unwrap();
    }
}
