//! `envctl logs`: prints the log of the environment's container.
//!
//! On a terminal the log is made harmless first.

use std::io::IsTerminal;

use tokio::io::AsyncWrite;

use crate::error::Exit;
use crate::place::{LogRequest, LogStreams, Place};
use crate::project::Environment;
use crate::settings;
use crate::ui::PlainStream;

use super::context::{Context, Outcome};

/// Runs the verb. A stopped environment also has a log.
pub fn run(context: &Context, settings: &settings::Logs) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
    let streams =
        LogStreams { stdout: log_stream(stdout, tokio::io::stdout()), stderr: log_stream(stderr, tokio::io::stderr()) };
    show_log(context, &context.place()?, &environment, settings, streams)
}

fn show_log(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    settings: &settings::Logs,
    streams: LogStreams,
) -> Outcome {
    let settings::Logs { manifest: _, follow, tail, timestamps } = *settings;
    let request = LogRequest { follow, tail, timestamps };
    context.block_on(place.logs(environment, &request, streams))?;
    Ok(Exit::Done.into())
}

/// A pipe gets the exact bytes. A terminal gets harmless text, because a stranger's code may have written it.
fn log_stream(is_terminal: bool, stream: impl AsyncWrite + Unpin + 'static) -> Box<dyn AsyncWrite + Unpin> {
    if is_terminal { Box::new(PlainStream::new(stream)) } else { Box::new(stream) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    use crate::commands::lab::Lab;
    use crate::place::RunState;

    /// The log as the user reads it.
    fn read(lab: &Lab) -> crate::error::Result<String> {
        let settings = settings::Logs { manifest: None, follow: false, tail: Some(5), timestamps: true };
        let (mut reader, writer) = tokio::io::duplex(1024);
        let streams = LogStreams { stdout: Box::new(writer), stderr: Box::new(tokio::io::sink()) };
        show_log(&lab.context, &lab.place, &lab.environment, &settings, streams)?;
        let mut text = String::new();
        lab.context.block_on(async {
            reader.read_to_string(&mut text).await.unwrap();
            Ok(text)
        })
    }

    #[test]
    fn the_log_of_a_stopped_environment_is_shown() {
        let lab = Lab::with(RunState::Ended { code: 1 });
        *lab.place.log.borrow_mut() = "no space left on device\n".to_owned();
        assert_eq!(read(&lab).unwrap(), "no space left on device\n");
        assert_eq!(lab.calls(), ["logs ID: LogRequest { follow: false, tail: Some(5), timestamps: true }"]);
        assert_eq!(read(&Lab::new()).unwrap_err().report().kind(), "no-container");
    }
}
