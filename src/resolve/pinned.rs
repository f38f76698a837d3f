//! What a lock decided, asked again: does it still fit these machines?

use std::collections::BTreeMap;

use super::origin::{Asked, FactOrigin};
use super::request::{Base, FrameworkWish, GpuWish, ManifestText, Request};
use super::resolution::{PythonSource, Resolution};
use super::target::TargetFacts;
use crate::manifest::Toolkit;
use crate::version::VersionRequest;

impl Request {
    /// The request that only `resolution` answers, for other machines than it was made for. `source` is the lock's name.
    ///
    /// A host that satisfies a lock's floors does not make it stale, and this tells whether it does.
    #[must_use]
    pub fn pinned(resolution: &Resolution, source: &str, manifest: ManifestText, target: TargetFacts) -> Self {
        let wish = |framework: &super::resolution::ResolvedFramework| {
            let version = said(VersionRequest::exactly(&framework.version), source);
            let variant = Some(framework.variant.clone());
            (framework.name.clone(), FrameworkWish { version, with: Vec::new(), variant })
        };
        let frameworks = resolution.frameworks.iter().map(wish).collect::<BTreeMap<_, _>>();
        // The builds are pinned by name; CUDA by itself has no build.
        let without = frameworks.is_empty();
        let cuda = resolution.cuda.clone().filter(|_| without).map(|cuda| said(cuda, source));
        let cudnn = resolution.cudnn.clone().filter(|_| without).map(|cudnn| said(cudnn, source));
        let base = resolution.os.clone().map_or_else(
            || Base::Image(said(resolution.base_image.clone(), source)),
            |os| Base::Distribution(said(os, source)),
        );
        // The Python in an image is not for the matrix to say.
        let python = (resolution.python_source != PythonSource::Image).then(|| resolution.python.clone());
        Self {
            manifest,
            frameworks,
            python: python.map(|python| said(python, source)),
            cuda,
            cudnn,
            toolkit: (resolution.toolkit != Toolkit::None).then(|| said(resolution.toolkit, source)),
            base,
            gpu: if resolution.driver.is_some() { GpuWish::Required(None) } else { GpuWish::None },
            target,
            allow_unknown: false,
        }
    }
}

fn said<T>(value: T, source: &str) -> Asked<T> {
    Asked { value, origin: FactOrigin::Lock(source.to_owned()) }
}
