//! The compatibility data: holds the rows of `compat-matrix/`, answers questions about them with their source, and
//! checks that they are complete. It does not choose versions; `resolve` does.
//!
//! The binary embeds the rows, one text per subject and per framework. Each text is read at the first question about
//! it, so a `check` of one framework never reads the other seven. A team's own rows go over them
//! ([`Matrix::with_rows`]).

mod brought;
mod check;
mod distribution;
mod embedded;
mod error;
mod fit;
mod gpu;
mod gpu_maker;
mod image;
mod keys;
mod overlay;
mod package_row;
mod preload;
mod product_name;
pub mod rows;
pub mod site;
mod subject;
mod system_library;
mod tables;
mod twins;
mod undeclared;
pub mod update;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use brought::{FamilyRow, PackageManager, ToolRow, ToolWheelRow, families, family, uv};
pub use check::{RowFinding, RowProblem};
pub use error::MatrixError;
pub use gpu_maker::GpuMaker;
pub use image::Flavour;
pub use overlay::RowFile;
pub use package_row::{
    LibraryRow, MakersAddressRow, MakersIndex, PackageKind, PackageRow, libraries, library, makers_address,
    makers_addresses, package, packages,
};
pub use preload::{PreloadRow, preloads};
pub use product_name::ProductName;
pub use subject::{Subject, SubjectRows};
pub use system_library::{LibrarySource, SystemLibraryRow, system_libraries};
pub use tables::Tables;
pub use twins::{CondaTwin, conda_twin, has_other_versions, imported, is_standard_module};
pub use undeclared::{UndeclaredNeed, undeclared_needs};

use crate::event::OverlayNotice;
use crate::manifest::{FrameworkId, FrameworkWords, Vocabulary};
use embedded::FrameworkSlot;
use keys::Keyed;
use rows::{CapabilityRow, CudaRow, CudnnRow, DistributionRow, FrameworkFile, GpuRow, ImageRow};

/// The compatibility data. It is cheap to make, because each table is read at the first question about it.
#[derive(Clone, Debug)]
pub struct Matrix {
    newest_check: String,
    hash: String,
    cuda: OnceLock<Vec<CudaRow>>,
    capabilities: OnceLock<Vec<CapabilityRow>>,
    gpus: OnceLock<Vec<GpuRow>>,
    gpu_names: OnceLock<BTreeMap<ProductName, usize>>,
    cudnn: OnceLock<Vec<CudnnRow>>,
    distributions: OnceLock<Vec<DistributionRow>>,
    images: OnceLock<Vec<ImageRow>>,
    frameworks: BTreeMap<FrameworkId, FrameworkSlot>,
    notices: Vec<OverlayNotice>,
}

impl Matrix {
    /// The data inside this binary.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            newest_check: embedded::NEWEST_CHECK.to_owned(),
            hash: embedded::HASH.to_owned(),
            frameworks: embedded::frameworks(),
            ..Self::unread()
        }
    }

    fn unread() -> Self {
        Self {
            newest_check: String::new(),
            hash: String::new(),
            cuda: OnceLock::new(),
            capabilities: OnceLock::new(),
            gpus: OnceLock::new(),
            gpu_names: OnceLock::new(),
            cudnn: OnceLock::new(),
            distributions: OnceLock::new(),
            images: OnceLock::new(),
            frameworks: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    /// The version of the data: the newest day on which a row was checked, and a hash (`2026-11-21+1f0c9ae2`). Overlay
    /// rows add a hash of their own.
    #[must_use]
    pub fn revision(&self) -> String {
        format!("{}+{}", self.newest_check, self.hash.trim_start_matches('+'))
    }

    /// The newest day on which a row was checked, `YYYY-MM-DD`.
    #[must_use]
    pub fn newest_check(&self) -> &str {
        &self.newest_check
    }

    /// CUDA toolkit releases, oldest first.
    #[must_use]
    pub fn cuda(&self) -> &[CudaRow] {
        self.cuda.get_or_init(Keyed::embedded)
    }

    /// Compute capabilities, lowest first.
    #[must_use]
    pub fn capabilities(&self) -> &[CapabilityRow] {
        self.capabilities.get_or_init(Keyed::embedded)
    }

    /// GPU products, by capability.
    #[must_use]
    pub fn gpus(&self) -> &[GpuRow] {
        self.gpus.get_or_init(Keyed::embedded)
    }

    /// cuDNN releases, oldest first.
    #[must_use]
    pub fn cudnn(&self) -> &[CudnnRow] {
        self.cudnn.get_or_init(Keyed::embedded)
    }

    /// Distributions. Each family is ordered oldest first.
    #[must_use]
    pub fn distributions(&self) -> &[DistributionRow] {
        self.distributions.get_or_init(Keyed::embedded)
    }

    /// Images with CUDA, oldest CUDA first.
    #[must_use]
    pub fn images(&self) -> &[ImageRow] {
        self.images.get_or_init(Keyed::embedded)
    }

    /// The known frameworks, in the order of their ids. This does not read their releases.
    pub fn frameworks(&self) -> impl Iterator<Item = FrameworkName<'_>> {
        self.frameworks.iter().map(|(id, slot)| FrameworkName { id, package: &slot.package, aliases: &slot.aliases })
    }

    /// One framework's rows.
    #[must_use]
    pub fn framework(&self, id: &FrameworkId) -> Option<&FrameworkFile> {
        self.frameworks.get(id).map(FrameworkSlot::file)
    }

    /// The framework with the id, package or alias `name`. Letter case does not count, and `_` equals `-`.
    #[must_use]
    pub fn framework_called(&self, name: &str) -> Option<&FrameworkId> {
        let wanted = name.to_ascii_lowercase().replace('_', "-");
        self.frameworks()
            .find(|known| known.id.as_str() == wanted || known.package == wanted || known.aliases.contains(&wanted))
            .map(|known| known.id)
    }

    /// Notices about configured rows that are missing or old.
    #[must_use]
    pub fn notices(&self) -> &[OverlayNotice] {
        &self.notices
    }

    /// The framework names that a manifest can use.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        let words = self.frameworks().map(|one| FrameworkWords::new(one.id.clone(), one.package, one.aliases));
        Vocabulary::default().with(words)
    }
}

/// The names of a framework.
#[derive(Clone, Copy, Debug)]
pub struct FrameworkName<'a> {
    /// The id, `pytorch`.
    pub id: &'a FrameworkId,
    /// Its distribution on the package index, `torch`.
    pub package: &'a str,
    /// Other names people use.
    pub aliases: &'a [String],
}

#[cfg(test)]
mod tests;
