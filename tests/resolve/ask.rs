//! Short questions, and the matrix for them.

use std::fmt::Write as _;
use std::path::Path;

use envctl::host::FactOverrides;
use envctl::manifest::{Arch, Layer, LayerKind, Manifest};
use envctl::matrix::Matrix;
use envctl::resolve::{Asked, Conflict, FactOrigin, Overrides, Request, Resolution, resolve};
use envctl::version::ComputeCapability;

/// The rows under `tests/resolve/matrix`.
pub fn matrix() -> Matrix {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolve/matrix");
    Matrix::from_dir(&folder).expect("the fixture reads")
}

/// What is asked, as text. Empty text: nothing is asked of that.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub frameworks: Vec<(String, String)>,
    pub published: String,
    pub python: String,
    /// The `requires-python` of a `pyproject.toml`.
    pub requires: String,
    pub cuda: String,
    pub cudnn: String,
    pub toolkit: String,
    pub base: String,
    pub driver: String,
    pub gpus: Vec<String>,
    pub arch: String,
    pub cpu: bool,
}

/// The request that a manifest's text makes.
pub fn request(text: &str, overrides: &Overrides, matrix: &Matrix) -> Request {
    let layer = Layer { path: "envctl.toml".into(), text: text.to_owned(), kind: LayerKind::Project };
    let manifest = Manifest::parse_layers(vec![layer]).unwrap_or_else(|error| panic!("{error}: {text}"));
    Request::new(&manifest, None, overrides, matrix).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// `key=value` words: `ask("pytorch=2.4 tensorflow=2.18:cpu python=3.11 driver=535 gpu=8.6")`.
pub fn ask(words: &str) -> Ask {
    let mut ask = Ask::default();
    for word in words.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let value = value.replace('_', " ");
        match key {
            "by" => ask.published = value,
            "python" => ask.python = value,
            "requires" => ask.requires = value,
            "cuda" => ask.cuda = value,
            "cudnn" => ask.cudnn = value,
            "toolkit" => ask.toolkit = value,
            "base" => ask.base = value,
            "driver" => ask.driver = value,
            "gpu" => ask.gpus.push(value),
            "arch" => ask.arch = value.replace(' ', "_"),
            "cpu" => ask.cpu = true,
            framework => ask.frameworks.push((framework.to_owned(), value)),
        }
    }
    ask
}

impl Ask {
    /// The manifest that asks this of the environment. Driver, GPUs and architecture are the machine's.
    pub fn manifest(&self) -> String {
        let mut text = "name = \"lab\"\n".to_owned();
        let mut table = |name: &str, pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
            if !pairs.is_empty() {
                writeln!(text, "[{name}]").unwrap();
                for (key, value) in pairs {
                    let quote = if *value == "false" { "" } else { "\"" };
                    writeln!(text, "{key} = {quote}{value}{quote}").unwrap();
                }
            }
        };
        let any = |version: &str| if version.is_empty() { "*".to_owned() } else { version.to_owned() };
        let on_gpu = self.frameworks.iter().filter(|(_, version)| !version.ends_with(":cpu"));
        let frameworks = on_gpu.map(|(id, version)| (id.as_str(), any(version))).collect::<Vec<_>>();
        let frameworks = frameworks.iter().map(|(id, version)| (*id, version.as_str())).collect::<Vec<_>>();
        table("frameworks", &frameworks);
        for (id, version) in &self.frameworks {
            if let Some(version) = version.strip_suffix(":cpu") {
                let version = any(version);
                table(&format!("frameworks.{id}"), &[("version", &version), ("gpu", "false")]);
            }
        }
        table("python", &[("version", &self.python), ("exclude-newer", &self.published)]);
        table("cuda", &[("version", &self.cuda), ("cudnn", &self.cudnn), ("toolkit", &self.toolkit)]);
        table("system", &[("base", &self.base)]);
        if self.cpu {
            table("gpu", &[("devices", "none")]);
        }
        text
    }

    /// The machine, as the command line names it.
    pub fn overrides(&self) -> Overrides {
        let (capabilities, gpus): (Vec<_>, Vec<_>) =
            self.gpus.iter().cloned().partition(|gpu| gpu.parse::<ComputeCapability>().is_ok());
        let arch = match self.arch.as_str() {
            "x86_64" => Some(Arch::X86_64),
            "aarch64" => Some(Arch::Aarch64),
            "ppc64le" => Some(Arch::Ppc64le),
            _ => None,
        };
        let driver = (!self.driver.is_empty()).then(|| self.driver.parse().expect("a test names valid drivers"));
        let capabilities = capabilities.iter().map(|text| text.parse().expect("it was parsed before")).collect();
        let machine = FactOverrides { driver, gpus, capabilities, arch };
        Overrides { machine, no_host: true, ..Overrides::default() }
    }

    pub fn request(&self, matrix: &Matrix) -> Request {
        self.beside(request(&self.manifest(), &self.overrides(), matrix))
    }

    /// The request with the `pyproject.toml` that stands beside its manifest.
    pub fn beside(&self, request: Request) -> Request {
        let place = FactOrigin::File("pyproject.toml:3".to_owned());
        let requires = (!self.requires.is_empty()).then(|| self.requires.parse().expect("a test names valid ranges"));
        Request { requires_python: requires.map(|value| Asked { value, origin: place }), ..request }
    }

    pub fn resolve(&self, matrix: &Matrix) -> Result<Resolution, Conflict> {
        resolve(&self.request(matrix), matrix)
    }
}
