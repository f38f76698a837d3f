//! Transfers bytes to and from the engine: images from a registry, image archives from disk, small tar archives of a
//! container.
//!
//! Image archives are streamed, because they may be larger than the memory.

use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bollard::query_parameters::{
    CreateImageOptionsBuilder, DownloadFromContainerOptionsBuilder, ImportImageOptionsBuilder,
    UploadToContainerOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::io::AsyncReadExt;

use super::Docker;
use super::errors::absent_is_none;
use super::refusal::RequestSubject;
use crate::engine::EngineError;
use crate::event::{Event, Sink, TransferAction};

/// The number of bytes to read at once. Larger reads gain nothing on a Unix socket.
const CHUNK: usize = 256 * 1024;

impl Docker {
    pub(super) async fn pull_image(&self, reference: &str, sink: &dyn Sink) -> Result<(), EngineError> {
        let attempt = self.attempt("pull the image", RequestSubject::Image(reference));
        let credentials = self.credentials.of_reference(reference).await;
        let options = CreateImageOptionsBuilder::new().from_image(&with_tag(reference)).build();
        let mut answers = pin!(self.client.create_image(Some(options), None, credentials));
        loop {
            let next = tokio::time::timeout(self.patience.load, answers.next()).await;
            let Some(answer) = next.map_err(|_| self.silent("pull the image", self.patience.load))? else { break };
            let answer = answer.map_err(|error| attempt.failed(error))?;
            let (Some(id), Some(detail)) = (answer.id, answer.progress_detail) else { continue };
            let bytes = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
            let Some(current) = bytes(detail.current) else { continue };
            sink.emit(Event::Transfer { id, action: TransferAction::Pulling, current, total: bytes(detail.total) });
        }
        Ok(())
    }

    /// Streams the archive, because it may be larger than the memory.
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
                action: TransferAction::Loading,
                current: sent.load(Ordering::Relaxed),
                total: Some(total),
            });
        };
        let attempt = self.attempt("load the image", RequestSubject::Image(&id));
        let options = ImportImageOptionsBuilder::new().quiet(true).build();
        let mut answers = pin!(self.client.import_image(options, bollard::body_try_stream(chunks), None));
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
        // The engine sends nothing while it unpacks. An engine that stops reading also counts as a hang.
        let mut deadline = pin!(tokio::time::sleep(self.patience.load));
        loop {
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => { answer.map_err(|error| attempt.failed(error))?; }
                    None => break,
                },
                _ = tick.tick() => report(),
                () = &mut deadline => return Err(self.silent("load the image", self.patience.load)),
            }
        }
        report();
        Ok(())
    }

    pub(super) async fn upload_tar(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::new().path(directory).build();
        let send = self.client.upload_to_container(container, Some(options), bollard::body_full(tar.into()));
        let subject = RequestSubject::Container(container);
        self.within(self.patience.work, "copy files into the container", subject, send).await
    }

    /// Takes only the one file from the received tar archive: no link is followed, and nothing is unpacked.
    pub(super) async fn download_file(
        &self,
        container: &str,
        file: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::new().path(file).build();
        let collect = async {
            let mut stream = pin!(self.client.download_from_container(container, Some(options)));
            let mut tar = Vec::new();
            while let Some(chunk) = stream.next().await {
                tar.extend_from_slice(&chunk?);
                if tar.len() as u64 > limit.saturating_add(TAR_FRAME) {
                    return Ok(Vec::new());
                }
            }
            Ok(tar)
        };
        let collect = async { absent_is_none(collect.await) };
        let subject = RequestSubject::Container(container);
        let tar = self.within(self.patience.work, "copy a file out of the container", subject, collect).await?;
        Ok(tar.and_then(|tar| regular_file(&tar, limit)))
    }
}

/// The overhead of a tar archive for one file in bytes: header, padding, end.
const TAR_FRAME: u64 = 16 * 1024;

/// Returns the file in an archive of one regular file.
fn regular_file(tar: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut archive = tar::Archive::new(tar);
    let entry = archive.entries().ok()?.next()?.ok()?;
    let mut bytes = Vec::new();
    if !entry.header().entry_type().is_file() || entry.size() > limit {
        return None;
    }
    std::io::Read::read_to_end(&mut std::io::Read::take(entry, limit), &mut bytes).ok()?;
    Some(bytes)
}

/// Adds a tag, because a bare name would pull every tag.
fn with_tag(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if last.contains([':', '@']) { reference.to_owned() } else { format!("{reference}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tag_is_fetched() {
        assert_eq!(with_tag("debian"), "debian:latest");
        assert_eq!(with_tag("registry.example:5000/debian"), "registry.example:5000/debian:latest");
        assert_eq!(with_tag("debian:12"), "debian:12");
        assert_eq!(with_tag("debian@sha256:00"), "debian@sha256:00");
    }
}
