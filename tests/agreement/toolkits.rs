//! CUDA toolkits: the drivers and the capabilities they serve.

use envctl::host::FactOverrides;
use envctl::manifest::{Layer, LayerKind, Manifest};
use envctl::matrix::Matrix;
use envctl::matrix::rows::CudaRow;
use envctl::resolve::{ConflictKind, Overrides, Request, Resolution, resolve};
use envctl::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion};
use serde::Deserialize;

use super::table::{Table, number, read};
use super::{Compared, Comparison};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Uv {
    backend: String,
    cuda: CudaVersion,
    driver: DriverVersion,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compiles {
    capability: ComputeCapability,
    #[serde(default)]
    first: String,
    #[serde(default)]
    last: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compiler {
    cuda: CudaVersion,
    wheel: String,
    capabilities: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Installer {
    cuda: CudaVersion,
    driver: DriverVersion,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cudnn {
    cudnn: CudnnVersion,
    cuda: CudaVersion,
}

/// The drivers from which uv takes a build of `PyTorch`, against our rows and against what the resolver does with them.
pub fn uv(matrix: &Matrix) -> Compared {
    let table: Table<Uv> = read("uv-drivers");
    let mut comparison = Comparison::of("uv-drivers", table.row.len());
    for Uv { backend, cuda, driver } in &table.row {
        let Some(ours) = matrix.cuda_release(cuda) else {
            comparison.same(backend, "cuda", &cuda.to_string(), "");
            continue;
        };
        comparison.same(backend, "driver", &driver.to_string(), &ours.driver_minimum.to_string());
        comparison.same(backend, "build", backend, &at_the_floor(matrix, backend, ours, driver));
    }
    comparison.compared
}

/// The build that the newest `PyTorch` made for `cuda` gets at uv's driver; uv's own name for it where there is none.
fn at_the_floor(matrix: &Matrix, backend: &str, row: &CudaRow, driver: &DriverVersion) -> String {
    let id = matrix.framework_called("torch").expect("it is known");
    let releases = matrix.framework(id).expect("it has rows").releases.iter().rev();
    let mut made =
        releases.filter(|release| release.builds.iter().any(|build| build.cuda.as_ref() == Some(&row.version)));
    let Some(release) = made.next() else { return backend.to_owned() };
    let manifest = format!(
        "name = \"lab\"\n[frameworks]\npytorch = \"{}\"\n[cuda]\nversion = \"{}\"\n",
        release.version, row.version
    );
    // One number less than our floor is too old, whatever uv's floor is.
    let below = answer(matrix, &manifest, &just_below(&row.driver_minimum));
    assert_eq!(below.err(), Some(ConflictKind::DriverTooOld), "{backend} just below {}", row.driver_minimum);
    match answer(matrix, &manifest, driver) {
        Ok(found) => found.decision.frameworks[0].variant.clone(),
        Err(kind) => format!("{kind:?}"),
    }
}

fn answer(matrix: &Matrix, manifest: &str, driver: &DriverVersion) -> Result<Resolution, ConflictKind> {
    let layer = Layer { path: "envctl.toml".into(), text: manifest.to_owned(), kind: LayerKind::Project };
    let manifest = Manifest::parse_layers(vec![layer]).expect("the manifest reads");
    let machine = FactOverrides { driver: Some(driver.clone()), ..FactOverrides::default() };
    let overrides = Overrides { machine, ..Overrides::default() };
    let request = Request::new(&manifest, None, &overrides, matrix).expect("the request is sound");
    resolve(&request, matrix).map_err(|conflict| conflict.kind())
}

/// `450.80.01` for `450.80.02`.
fn just_below(driver: &DriverVersion) -> DriverVersion {
    let mut parts = driver.parts().to_vec();
    *parts.last_mut().expect("a version has a number") -= 1;
    let text = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    text.parse().expect("it is a driver version")
}

/// The toolkits that spack lets compile for a capability.
pub fn spack(matrix: &Matrix) -> Compared {
    capabilities(matrix, "spack-capabilities", "")
}

/// The toolkits that LLVM lets compile for a capability. It knows none before 7.0.
pub fn llvm(matrix: &Matrix) -> Compared {
    capabilities(matrix, "llvm-capabilities", "7.0")
}

fn capabilities(matrix: &Matrix, name: &'static str, oldest: &str) -> Compared {
    let table: Table<Compiles> = read(name);
    let mut comparison = Comparison::of(name, table.row.len());
    for Compiles { capability, first, last } in &table.row {
        let key = capability.to_string();
        let Some(ours) = matrix.capability(*capability) else {
            comparison.same(&key, "capability", &key, "");
            continue;
        };
        let is_before_all = first == oldest && number(&ours.first_cuda.to_string()) <= number(oldest);
        if !is_before_all {
            comparison.same(&key, "first", first, &ours.first_cuda.to_string());
        }
        comparison.same(&key, "last", last, &ours.last_cuda.as_ref().map(ToString::to_string).unwrap_or_default());
    }
    comparison.compared
}

/// What NVIDIA's compilers say they take.
pub fn compilers(matrix: &Matrix) -> Compared {
    let table: Table<Compiler> = read("cuda-compilers");
    let mut comparison = Comparison::of("cuda-compilers", table.row.len());
    for Compiler { cuda, wheel, capabilities } in &table.row {
        let ours = matrix.capabilities_of(cuda).map(|row| row.capability.to_string()).collect::<Vec<_>>();
        comparison.same(wheel, "capabilities", capabilities, &ours.join(" "));
    }
    comparison.compared
}

/// The driver in a toolkit's installer, which serves that toolkit whole: it is never older than what we ask for.
pub fn spack_installers(matrix: &Matrix) -> Compared {
    let table: Table<Installer> = read("spack-installers");
    let mut comparison = Comparison::of("spack-installers", table.row.len());
    for Installer { cuda, driver } in &table.row {
        let key = cuda.to_string();
        match matrix.cuda_release(cuda).and_then(|row| row.toolkit_driver(cuda)) {
            None => comparison.same(&key, "cuda", &key, ""),
            Some(ours) if driver.meets(ours) => {}
            Some(ours) => comparison.same(&key, "driver", &driver.to_string(), &ours.to_string()),
        }
    }
    comparison.compared
}

/// The CUDA that NVIDIA built a cuDNN for.
pub fn spack_cudnn(matrix: &Matrix) -> Compared {
    let table: Table<Cudnn> = read("spack-cudnn");
    let mut comparison = Comparison::of("spack-cudnn", table.row.len());
    for Cudnn { cudnn, cuda } in &table.row {
        let key = format!("{cudnn} {cuda}");
        let Some(ours) = matrix.cudnn_release(cudnn) else {
            comparison.same(&key, "cudnn", &cudnn.to_string(), "");
            continue;
        };
        // Ours may say 11.8 where theirs says 11.8, and 12 or 12.4 where theirs says 12.
        if !ours.is_for(cuda) && !ours.cuda.iter().any(|built| built.within(cuda)) {
            let listed = ours.cuda.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            comparison.same(&key, "cuda", &cuda.to_string(), &listed);
        }
    }
    comparison.compared
}
