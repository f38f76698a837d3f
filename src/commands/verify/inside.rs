//! Runs a command in the environment and keeps what it prints.

use tokio::io::{AsyncReadExt, DuplexStream};

use super::error::VerifyError;
use crate::commands::context::Context;
use crate::error::Result;
use crate::place::{Place, Session, SessionEnd, SessionRequest, SessionStreams};
use crate::project::Environment;

/// The limit for what is kept of each stream, bytes.
const LARGEST: u64 = 16 << 20;

/// The exit code of the programs where their input is missing.
const NO_INPUT: i64 = 66;

/// The lines of error output that an error shows.
const LINES: usize = 12;

/// The standard output of a command that succeeds.
pub(super) fn output(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    command: Vec<String>,
) -> Result<String> {
    let request = SessionRequest { command, ..SessionRequest::default() };
    let session = context.block_on(place.open_session(environment, &request))?;
    let joined = context.block_on(joined(&session));
    if joined.is_err() {
        // A place may let the command run after the caller ended. The result of this call does not matter.
        context.clean_up(session.signal("TERM"));
    }
    joined
}

async fn joined(session: &impl Session) -> Result<String> {
    let (stdout, printed) = tokio::io::duplex(1 << 16);
    let (stderr, said) = tokio::io::duplex(1 << 16);
    let streams = SessionStreams {
        stdin: Box::new(tokio::io::empty()),
        stdout: Box::new(stdout),
        stderr: Box::new(stderr),
        resizes: None,
    };
    let (end, printed, said) = tokio::join!(session.join(streams), text(printed), text(said));
    match end? {
        SessionEnd::Command(0) | SessionEnd::Unread => Ok(printed),
        SessionEnd::Command(NO_INPUT) => Err(VerifyError::NoProof.into()),
        SessionEnd::Command(code) => {
            let lines: Vec<String> = said.lines().map(str::to_owned).collect();
            Err(VerifyError::Ended { code, said: lines[lines.len().saturating_sub(LINES)..].to_vec() }.into())
        }
    }
}

/// The text of a stream. What is over the limit is read and dropped, so that the command goes on.
async fn text(mut stream: DuplexStream) -> String {
    let mut bytes = Vec::new();
    // A stream that breaks ends the session as well, which reports it.
    let _ = (&mut stream).take(LARGEST).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}
