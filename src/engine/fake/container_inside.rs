//! Files, programs and logs of the containers in the fake engine.
//!
//! A command runs a [`Program`](super::Program), never a real process.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{FIRST, Fake};
use crate::engine::{ContainerInside, EngineError, ExecIo, ExecSpec, LogsIo, LogsSpec, Process};

impl ContainerInside for Fake {
    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        self.called("upload", container)?;
        let name = self.find(container)?;
        self.write_tar(&name, directory, &tar)
    }

    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError> {
        self.called("download", container)?;
        let name = self.find(container)?;
        Ok(self.read(&name, file).filter(|bytes| bytes.len() as u64 <= limit))
    }

    async fn exec(&self, container: &str, exec: &ExecSpec, mut io: ExecIo) -> Result<i64, EngineError> {
        self.called("exec", &format!("{container} {}", exec.command.join(" ")))?;
        let broken = |error: std::io::Error| EngineError::Local { action: "copy".into(), reason: error.to_string() };
        let mut input = Vec::new();
        if let Some(stdin) = &mut io.stdin {
            stdin.read_to_end(&mut input).await.map_err(broken)?;
        }
        let output = self.run(container, exec, &input)?;
        io.stdout.write_all(&output.stdout).await.map_err(broken)?;
        io.stderr.write_all(&output.stderr).await.map_err(broken)?;
        Ok(output.code)
    }

    async fn logs(&self, container: &str, logs: &LogsSpec, mut io: LogsIo) -> Result<(), EngineError> {
        self.called("logs", container)?;
        let name = self.find(container)?;
        let text = self.containers.borrow()[&name].log.clone();
        let lines: Vec<&str> = text.lines().collect();
        let first = logs.tail.map_or(0, |tail| lines.len().saturating_sub(usize::try_from(tail).unwrap_or(usize::MAX)));
        for line in &lines[first..] {
            let written = io.stdout.write_all(format!("{line}\n").as_bytes()).await;
            written
                .map_err(|error| EngineError::Local { action: "write the output".into(), reason: error.to_string() })?;
        }
        Ok(())
    }

    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError> {
        self.called("processes", container)?;
        let name = self.running(container)?;
        let containers = self.containers.borrow();
        let has_init = containers[&name].spec.init;
        let command = if has_init { containers[&name].command().join(" ") } else { "sleep infinity".to_owned() };
        let process = |pid, parent, command| Process { pid, parent, session: FIRST, user: "root".into(), command };
        // The entrypoint has ended its work, and the engine's init process waits for what it has become.
        let child = has_init.then(|| process(FIRST + 1, FIRST, "sleep infinity".to_owned()));
        let own = [process(FIRST, 1, command)].into_iter().chain(child);
        Ok(own.chain(self.processes.borrow().iter().cloned()).collect())
    }
}
