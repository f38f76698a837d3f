//! Images of the fake engine, and the digests that a test's registry serves.
//!
//! A build runs nothing: it only adds an image.

use std::path::Path;

use super::{Fake, sha256};
use crate::engine::{EngineError, ImageBuild, ImageId, ImageState, ImageStore, ListedImage};
use crate::event::{BuildStep, Event, Sink, StepState, TransferAction};

impl ImageStore for Fake {
    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError> {
        self.called("image", reference)?;
        Ok(self.find_image(reference))
    }

    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError> {
        self.called("images", "")?;
        let carries = |image: &ImageState| {
            let has = |(name, value): &(&str, Option<&str>)| {
                image.labels.get(*name).is_some_and(|found| value.is_none_or(|value| value == found))
            };
            labels.iter().all(has)
        };
        let images = self.images.borrow();
        let found = images.iter().filter(|(_, image)| carries(image));
        let listed = |(tag, image): (&String, &ImageState)| ListedImage {
            id: image.id.clone(),
            tags: vec![tag.clone()],
            has_parent: false,
        };
        Ok(found.map(listed).collect())
    }

    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError> {
        self.called("registry_digest", reference)?;
        self.registry.borrow().get(reference).cloned().ok_or_else(|| EngineError::RegistryUnreachable {
            reference: reference.to_owned(),
            reason: "no such host".into(),
        })
    }

    async fn pull(&self, reference: &str, _sink: &dyn Sink) -> Result<(), EngineError> {
        self.called("pull", reference)?;
        if !self.registry.borrow().contains_key(reference) {
            let (reference, reason) = (reference.to_owned(), "no such host".into());
            return Err(EngineError::RegistryUnreachable { reference, reason });
        }
        self.add_image(reference);
        Ok(())
    }

    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        self.called("build", &build.tag)?;
        let digest = format!("sha256:{}", sha256(&build.context));
        let step =
            |state| Event::BuildStep(BuildStep { digest: digest.clone(), name: "[1/1] FROM debian:12".into(), state });
        sink.emit(step(StepState::Running));
        sink.emit(step(StepState::Done { milliseconds: 1 }));
        let image = ImageState {
            id: ImageId(digest.clone()),
            repo_digests: Vec::new(),
            labels: build.labels.clone(),
            env: Vec::new(),
            on_build: Vec::new(),
            size: build.context.len() as u64,
        };
        let id = image.id.clone();
        self.images.borrow_mut().insert(build.tag.clone(), image);
        Ok(id)
    }

    /// Takes the archive's file name as the image's name and reads nothing inside.
    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError> {
        let name = archive.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.called("load", &name)?;
        let unreadable = |error: std::io::Error| EngineError::Local {
            action: format!("read `{}`", archive.display()),
            reason: error.to_string(),
        };
        let size = std::fs::metadata(archive).map_err(unreadable)?.len();
        sink.emit(Event::Transfer {
            id: name.clone(),
            action: TransferAction::Loading,
            current: size,
            total: Some(size),
        });
        self.add_image(&name);
        Ok(())
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.called("remove_image", reference)?;
        let users = self.containers.borrow();
        if users.values().any(|user| user.spec.image == reference) {
            return Err(EngineError::InUse { what: reference.to_owned(), reason: "a container is using it".into() });
        }
        self.images.borrow_mut().remove(reference);
        Ok(())
    }
}
