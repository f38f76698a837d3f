//! Transfers files, commands and logs into and out of a container.
//!
//! This file only calls the engine and translates its errors; the streams of a command are in `exec`.

use super::refusal::RequestSubject;
use super::{Docker, observe};
use crate::engine::{ContainerInside, EngineError, ExecIo, ExecSpec, LogsIo, LogsSpec, Process};

impl ContainerInside for Docker {
    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        self.upload_tar(container, directory, tar).await
    }

    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError> {
        self.download_file(container, file, limit).await
    }

    async fn exec(&self, container: &str, exec: &ExecSpec, io: ExecIo) -> Result<i64, EngineError> {
        self.run_exec(container, exec, io).await
    }

    async fn logs(&self, container: &str, logs: &LogsSpec, io: LogsIo) -> Result<(), EngineError> {
        self.copy_logs(container, logs, io).await
    }

    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError> {
        let options = bollard::query_parameters::TopOptionsBuilder::new().ps_args("-eo pid,ppid,sid,user,args").build();
        let action = "list the container's processes";
        let top = self.client.top_processes(container, Some(options));
        let found = self.within(self.patience.usual, action, RequestSubject::Container(container), top).await;
        let found = found.map_err(|error| match error {
            // The engine runs `ps` on its own host, and that `ps` is missing.
            EngineError::CommandNotRun { reason, .. } => EngineError::Refused { action: action.into(), reason },
            other => other,
        })?;
        Ok(observe::processes(found))
    }
}
