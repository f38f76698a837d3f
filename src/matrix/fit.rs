//! Compatibility between versions: CUDA and driver, CUDA and capability, driver and capability, cuDNN and CUDA.
//!
//! Each answer is a row, and each row names its source.

use std::collections::BTreeSet;

use super::Matrix;
use super::rows::{CapabilityRow, CudaRow, CudnnRow, FrameworkFile};
use crate::manifest::Arch;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, PythonVersion};

impl Matrix {
    /// The row of a CUDA release. The third number has no effect (`12.4.1` uses the row of 12.4).
    #[must_use]
    pub fn cuda_release(&self, version: &CudaVersion) -> Option<&CudaRow> {
        self.cuda().iter().find(|row| version.within(&row.version))
    }

    /// The releases that `version` includes, newest first: `12` includes every 12.x.
    pub fn cuda_within(&self, version: &CudaVersion) -> impl Iterator<Item = &CudaRow> {
        self.cuda().iter().rev().filter(move |row| row.version.within(version) || version.within(&row.version))
    }

    /// Whether the libraries of `brought` have the names that builds for `needed` load. It must be the same release or
    /// a later one of the same major, and no release of `needed` may have library names of its own.
    #[must_use]
    pub fn keeps_library_names(&self, brought: &CudaVersion, needed: &CudaVersion) -> bool {
        brought.major() == needed.major() && brought >= needed && self.cuda_within(needed).all(|row| !row.own_names)
    }

    /// The newest driver that a CUDA release names.
    #[must_use]
    pub fn newest_driver(&self) -> Option<&DriverVersion> {
        self.cuda().iter().flat_map(|row| row.driver_toolkit.iter().chain([&row.driver_minimum])).max()
    }

    /// The newest CUDA with a complete toolkit that `driver` supports. `nvidia-smi` prints it as "CUDA Version".
    #[must_use]
    pub fn driver_ceiling(&self, driver: &DriverVersion) -> Option<&CudaRow> {
        let fits = |row: &&CudaRow| row.driver_toolkit.as_ref().is_some_and(|floor| floor <= driver);
        self.cuda().iter().rev().find(fits)
    }

    /// The row of a compute capability.
    #[must_use]
    pub fn capability(&self, capability: ComputeCapability) -> Option<&CapabilityRow> {
        self.capabilities().iter().find(|row| row.capability == capability)
    }

    /// Whether GPUs of this capability are part of a Tegra. Its processor is an `aarch64`.
    #[must_use]
    pub fn is_tegra(&self, capability: ComputeCapability) -> bool {
        self.capability(capability).is_some_and(|row| row.tegra)
    }

    /// Whether code that was compiled for one capability runs on GPUs of another. A Tegra runs only its own code, and no
    /// other GPU runs that code.
    #[must_use]
    pub fn runs(&self, compiled: ComputeCapability, gpu: ComputeCapability) -> bool {
        compiled == gpu || compiled.serves(gpu) && !self.is_tegra(compiled) && !self.is_tegra(gpu)
    }

    /// The capabilities of the GPUs that the toolkit `cuda` supports.
    pub fn capabilities_of(&self, cuda: &CudaVersion) -> impl Iterator<Item = &CapabilityRow> {
        self.capabilities().iter().filter(move |row| row.has_cuda(cuda))
    }

    /// The row of a cuDNN release: the latest row of its minor release that is not newer (`8.0.5` uses the row of
    /// `8.0.4`, not that of `8.0`). A bare major (`9`) has no row.
    #[must_use]
    pub fn cudnn_release(&self, version: &CudnnVersion) -> Option<&CudnnRow> {
        let fits = |row: &&CudnnRow| row.version.prefix(2) == version.prefix(2) && row.version <= *version;
        self.cudnn().iter().filter(fits).max_by(|a, b| a.version.cmp(&b.version))
    }

    /// The rows that `version` includes, oldest first: one for a patch release (`7.6.4`). A minor release (`7.6`)
    /// includes its own row and the rows of its different patch releases (`7.6.5`). A major includes every row.
    pub fn cudnn_within(&self, version: &CudnnVersion) -> impl DoubleEndedIterator<Item = &CudnnRow> {
        let one = self.cudnn_release(version);
        self.cudnn()
            .iter()
            .filter(move |row| row.version.within(version) || one.is_some_and(|one| std::ptr::eq(one, *row)))
    }
}

impl CudaRow {
    /// The oldest driver that runs `version`, which is this release or one of its updates.
    #[must_use]
    pub fn driver_floor(&self, version: &CudaVersion) -> &DriverVersion {
        self.own_floors().find(|(update, _)| **update == version.to_string()).map_or(&self.driver_minimum, |own| own.1)
    }

    /// Whether the toolkit exists for `arch`.
    #[must_use]
    pub fn is_for_arch(&self, arch: Arch) -> bool {
        self.arch.is_empty() || self.arch.contains(&arch)
    }

    /// All possible results of [`Self::driver_floor`].
    pub fn driver_floors(&self) -> impl Iterator<Item = &DriverVersion> {
        std::iter::once(&self.driver_minimum).chain(self.own_floors().map(|own| own.1))
    }

    /// The updates that have their own driver floor.
    fn own_floors(&self) -> impl Iterator<Item = (&String, &DriverVersion)> {
        self.updates.iter().filter(|_| self.own_floors)
    }

    /// The driver that the toolkit of this release, or of one of its updates (`12.4.1`), requires.
    #[must_use]
    pub fn toolkit_driver(&self, version: &CudaVersion) -> Option<&DriverVersion> {
        self.updates.get(&version.to_string()).or(self.driver_toolkit.as_ref())
    }
}

impl CapabilityRow {
    /// Whether the toolkit `cuda` compiles for this capability.
    #[must_use]
    pub fn has_cuda(&self, cuda: &CudaVersion) -> bool {
        let minor = cuda.prefix(2);
        self.first_cuda <= minor && self.last_cuda.as_ref().is_none_or(|last| minor <= *last)
    }
}

impl FrameworkFile {
    /// Every Python that a build of the framework has a wheel for.
    #[must_use]
    pub fn pythons(&self) -> BTreeSet<PythonVersion> {
        let builds = self.releases.iter().flat_map(|release| &release.builds);
        builds.flat_map(|build| &build.wheels).flat_map(|wheel| &wheel.python).cloned().collect()
    }
}

impl CudnnRow {
    /// Whether this cuDNN is built for `cuda`.
    #[must_use]
    pub fn is_for(&self, cuda: &CudaVersion) -> bool {
        self.cuda.iter().any(|built| cuda.within(built))
    }

    /// Whether its kernels support a GPU of this capability.
    #[must_use]
    pub fn serves(&self, gpu: ComputeCapability) -> bool {
        self.lowest_capability.is_none_or(|lowest| lowest <= gpu)
    }
}
