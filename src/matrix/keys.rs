//! The key that identifies a row, and the sort order of rows.
//!
//! Overlays use the key to replace a row, and the check uses the order to find duplicates.

use serde::de::DeserializeOwned;

use super::embedded;
use super::product_name::ProductName;
use super::rows::{CapabilityRow, CudaRow, CudnnRow, DistributionRow, GpuRow, ImageRow, ReleaseRow};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, ReleaseVersion};

/// A row with a key that is unique in its file.
pub(super) trait Keyed: DeserializeOwned {
    /// The name of the file's array of tables.
    const TABLE: &'static str;
    /// The type of the key. Two rows with one key are the same row, and rows are in the order of their keys.
    type Key: Ord;

    /// This row's key.
    fn key(&self) -> Self::Key;

    /// The embedded rows of this kind.
    fn embedded() -> Vec<Self>;
}

macro_rules! keyed {
    ($row:ty, $table:literal, $subject:literal, $key:ty, $get:expr) => {
        impl Keyed for $row {
            const TABLE: &'static str = $table;
            type Key = $key;

            fn key(&self) -> $key {
                let get: fn(&Self) -> $key = $get;
                get(self)
            }

            fn embedded() -> Vec<Self> {
                embedded::subject($subject)
            }
        }
    };
}

keyed!(CudaRow, "cuda", "cuda", CudaVersion, |row| row.version.clone());
keyed!(CapabilityRow, "capability", "capabilities", ComputeCapability, |row| row.capability);
keyed!(GpuRow, "gpu", "gpus", ProductName, |row| ProductName::of(&row.name));
keyed!(CudnnRow, "cudnn", "cudnn", CudnnVersion, |row| row.version.clone());
keyed!(DistributionRow, "distribution", "distributions", (String, Vec<u32>), |row| {
    let (family, release) = row.id.split_once(':').unwrap_or((&row.id, ""));
    (family.to_owned(), release.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect())
});
keyed!(ImageRow, "image", "images", (CudaVersion, String, String, Option<CudnnVersion>, Option<String>), |row| (
    row.cuda.clone(),
    row.repository.clone(),
    row.os.clone(),
    row.cudnn.clone(),
    row.framework.clone()
));

impl Keyed for ReleaseRow {
    const TABLE: &'static str = "release";
    type Key = ReleaseVersion;

    fn key(&self) -> ReleaseVersion {
        self.version.clone()
    }

    fn embedded() -> Vec<Self> {
        Vec::new()
    }
}
