//! Bytes on their way to the engine: image archives from disk, small tars into a container.

use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bollard::query_parameters::{ImportImageOptionsBuilder, UploadToContainerOptionsBuilder};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::io::AsyncReadExt;

use super::Docker;
use crate::engine::EngineError;
use crate::engine::refusal::Subject;
use crate::event::{Event, Sink};

/// Read at once. Larger ones gain nothing on a Unix socket.
const CHUNK: usize = 256 * 1024;

impl Docker {
    /// Streams the archive: it may be larger than memory.
    pub(super) async fn load_archive(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError> {
        let unreadable = |error: std::io::Error| EngineError::Local {
            action: format!("read `{}`", archive.display()),
            reason: error.to_string(),
        };
        let file = tokio::fs::File::open(archive).await.map_err(unreadable)?;
        let total = file.metadata().await.map_err(unreadable)?.len();
        let sent = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&sent);
        let chunks = stream::try_unfold(file, move |mut file| {
            let counted = Arc::clone(&counted);
            async move {
                let mut chunk = Vec::with_capacity(CHUNK);
                let count = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await?;
                counted.fetch_add(count as u64, Ordering::Relaxed);
                Ok::<_, std::io::Error>((count > 0).then(|| (Bytes::from(chunk), file)))
            }
        });
        let id: Rc<str> =
            archive.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()).into();
        let report = || {
            sink.emit(Event::Transfer {
                id: id.to_string(),
                action: "loading".into(),
                current: sent.load(Ordering::Relaxed),
                total: Some(total),
            });
        };
        let attempt = self.attempt("load the image", Subject::Image(&id));
        let options = ImportImageOptionsBuilder::new().quiet(true).build();
        let patient = self.patient();
        let mut answers = pin!(patient.import_image(options, bollard::body_try_stream(chunks), None));
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => { answer.map_err(|error| attempt.failed(error))?; }
                    None => break,
                },
                _ = tick.tick() => report(),
            }
        }
        report();
        Ok(())
    }

    pub(super) async fn upload_tar(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::new().path(directory).build();
        let sent = self.patient().upload_to_container(container, Some(options), bollard::body_full(tar.into())).await;
        sent.map_err(|error| self.attempt("copy files into the container", Subject::Container(container)).failed(error))
    }
}
