//! Reads and removes named volumes in the engine.
//!
//! Volumes are created only together with a container.

use std::collections::BTreeMap;

use bollard::query_parameters::RemoveVolumeOptionsBuilder;

use super::Docker;
use super::errors::{absent_is_fine, absent_is_none};
use super::refusal::RequestSubject;
use crate::engine::{EngineError, VolumeStore};

impl VolumeStore for Docker {
    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError> {
        let inspect = async { absent_is_none(self.client.inspect_volume(volume).await) };
        let found =
            self.within(self.patience.usual, "inspect the volume", RequestSubject::Volume(volume), inspect).await?;
        Ok(found.map(|found| found.labels.into_iter().collect()))
    }

    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError> {
        let options = RemoveVolumeOptionsBuilder::new().build();
        let remove = async { absent_is_fine(self.client.remove_volume(volume, Some(options)).await) };
        self.within(self.patience.work, "remove the volume", RequestSubject::Volume(volume), remove).await
    }
}
