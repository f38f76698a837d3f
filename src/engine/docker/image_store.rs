//! Finds, pulls, builds and removes images in the engine.
//!
//! This file only calls the engine; the build itself is in `build`, large transfers are in `transfer`.

use std::path::Path;

use bollard::query_parameters::{ListImagesOptionsBuilder, RemoveImageOptionsBuilder};

use super::errors::{absent_is_fine, absent_is_none};
use super::refusal::RequestSubject;
use super::{Docker, by_label, observe};
use crate::engine::{EngineError, ImageBuild, ImageId, ImageState, ImageStore, ListedImage};
use crate::event::Sink;

impl ImageStore for Docker {
    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError> {
        let inspect = async { absent_is_none(self.client.inspect_image(reference).await) };
        let found =
            self.within(self.patience.usual, "inspect the image", RequestSubject::Image(reference), inspect).await?;
        Ok(found.map(observe::image))
    }

    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError> {
        let options = ListImagesOptionsBuilder::new().filters(&by_label(labels)).build();
        let list = self.client.list_images(Some(options));
        let found = self.within(self.patience.usual, "list the images", RequestSubject::Engine, list).await?;
        Ok(found.into_iter().map(observe::listed_image).collect())
    }

    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError> {
        let credentials = self.credentials.of_reference(reference).await;
        let ask = self.client.inspect_registry_image(reference, credentials);
        let subject = RequestSubject::Image(reference);
        let found = self.within(self.patience.work, "ask the registry for the image", subject, ask).await?;
        found.descriptor.digest.ok_or_else(|| EngineError::NoImage {
            reference: reference.to_owned(),
            reason: "the registry names no digest".into(),
        })
    }

    async fn pull(&self, reference: &str, sink: &dyn Sink) -> Result<(), EngineError> {
        self.pull_image(reference, sink).await
    }

    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        self.run_build(build, sink).await
    }

    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError> {
        self.load_archive(archive, sink).await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::new().build();
        let remove =
            async { absent_is_fine(self.client.remove_image(reference, Some(options), None).await.map(|_| ())) };
        self.within(self.patience.work, "remove the image", RequestSubject::Image(reference), remove).await
    }
}
