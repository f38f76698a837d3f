//! A matrix as plain values, with conversions in both directions. A program uses them to make a matrix that no folder
//! holds, such as one that is ten times as large.

use std::sync::OnceLock;

use super::Matrix;
use super::embedded::FrameworkSlot;
use super::keys::Keyed;
use super::rows::{CapabilityRow, CudaRow, CudnnRow, DistributionRow, FrameworkFile, GpuRow, ImageRow};

/// All rows of a matrix.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub cuda: Vec<CudaRow>,
    pub capabilities: Vec<CapabilityRow>,
    pub gpus: Vec<GpuRow>,
    pub cudnn: Vec<CudnnRow>,
    pub distributions: Vec<DistributionRow>,
    pub images: Vec<ImageRow>,
    pub frameworks: Vec<FrameworkFile>,
    /// The newest day on which a row was checked, `YYYY-MM-DD`.
    pub newest_check: String,
}

impl From<&Matrix> for Tables {
    fn from(matrix: &Matrix) -> Self {
        let file = |id| matrix.framework(id).cloned();
        Self {
            cuda: matrix.cuda().to_vec(),
            capabilities: matrix.capabilities().to_vec(),
            gpus: matrix.gpus().to_vec(),
            cudnn: matrix.cudnn().to_vec(),
            distributions: matrix.distributions().to_vec(),
            images: matrix.images().to_vec(),
            frameworks: matrix.frameworks().filter_map(|known| file(known.id)).collect(),
            newest_check: matrix.newest_check().to_owned(),
        }
    }
}

/// Makes a matrix. The rows can be in any order.
impl From<Tables> for Matrix {
    fn from(tables: Tables) -> Self {
        fn in_order<T: Keyed>(mut rows: Vec<T>) -> OnceLock<Vec<T>> {
            rows.sort_by_cached_key(Keyed::key);
            OnceLock::from(rows)
        }
        let Tables { cuda, capabilities, gpus, cudnn, distributions, images, frameworks, newest_check } = tables;
        let slot = |mut file: FrameworkFile| {
            file.releases.sort_by_cached_key(Keyed::key);
            (file.framework.id.clone(), FrameworkSlot::of(file))
        };
        Self {
            newest_check,
            cuda: in_order(cuda),
            capabilities: in_order(capabilities),
            gpus: in_order(gpus),
            cudnn: in_order(cudnn),
            distributions: in_order(distributions),
            images: in_order(images),
            frameworks: frameworks.into_iter().map(slot).collect(),
            ..Self::unread()
        }
    }
}
