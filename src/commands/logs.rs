//! `logs`

use std::io::IsTerminal;

use tokio::io::AsyncWrite;

use crate::engine::docker::Docker;
use crate::engine::{Engine, EngineError, LogsIo, LogsSpec};
use crate::error::Exit;
use crate::reconcile::{ReconcileError, lifecycle};
use crate::settings;
use crate::ui::PlainStream;

use super::{Context, Outcome};

/// Runs the verb. A stopped container has a log too.
pub fn run(context: &Context, settings: &settings::Logs) -> Outcome {
    let settings::Logs { manifest, follow, tail, timestamps } = settings;
    let asked = LogsSpec { follow: *follow, tail: *tail, timestamps: *timestamps };
    context.block_on(async {
        let environment = context.environment(manifest.as_deref())?;
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let absent = || ReconcileError::Absent { id: environment.id.to_string() };
        let container = lifecycle::find(&engine, &environment.id).await?.ok_or_else(absent)?;
        let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let io = LogsIo { stdout: shown(stdout, tokio::io::stdout()), stderr: shown(stderr, tokio::io::stderr()) };
        match engine.logs(&container.id.0, &asked, io).await {
            // `envctl logs | head` has what it wanted.
            Ok(()) | Err(EngineError::OutputClosed) => Ok(Exit::Done.into()),
            Err(error) => Err(error.into()),
        }
    })
}

/// A pipe gets the bytes as they are. A terminal gets text: what the container prints is a stranger's.
fn shown(is_terminal: bool, stream: impl AsyncWrite + Unpin + 'static) -> Box<dyn AsyncWrite + Unpin> {
    if is_terminal { Box::new(PlainStream::new(stream)) } else { Box::new(stream) }
}
