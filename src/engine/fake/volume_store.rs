//! Named volumes in the fake engine.
//!
//! Each volume is a map from paths to bytes.

use std::collections::BTreeMap;

use super::Fake;
use crate::engine::{EngineError, VolumeStore};

impl VolumeStore for Fake {
    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError> {
        self.called("volume_labels", volume)?;
        let labels = self.volume_labels.borrow().get(volume).cloned().unwrap_or_default();
        Ok(self.volumes.borrow().contains_key(volume).then_some(labels))
    }

    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError> {
        self.called("remove_volume", volume)?;
        let users = self.containers.borrow();
        if users.values().any(|user| user.spec.mounts.iter().any(|mount| mount.source == volume)) {
            return Err(EngineError::InUse { what: volume.to_owned(), reason: "volume is in use".into() });
        }
        self.volumes.borrow_mut().remove(volume);
        Ok(())
    }
}
