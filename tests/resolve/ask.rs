//! A question in the fewest words, and the matrix it is asked of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use envctl::manifest::{Arch, FrameworkId, Toolkit};
use envctl::matrix::Matrix;
use envctl::resolve::{
    Asked, Base, Conflict, FrameworkWish, GpuWish, ManifestText, Request, Resolution, TargetDriver, TargetFacts,
    TargetGpu, resolve,
};

/// The rows under `tests/resolve/matrix`.
pub fn matrix() -> Matrix {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolve/matrix");
    Matrix::from_dir(&folder).expect("the fixture reads")
}

/// What is asked, as text. Empty text: nothing is asked of that.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub frameworks: Vec<(String, String)>,
    pub python: String,
    pub cuda: String,
    pub cudnn: String,
    pub toolkit: String,
    pub base: String,
    pub driver: String,
    pub gpus: Vec<String>,
    pub arch: String,
    pub cpu: bool,
}

/// `key=value` words: `ask("pytorch=2.4 python=3.11 driver=535 gpu=8.6")`.
pub fn ask(words: &str) -> Ask {
    let mut ask = Ask::default();
    for word in words.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let value = value.replace('_', " ");
        match key {
            "python" => ask.python = value,
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

fn asked<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str, source: &str) -> Option<Asked<T>> {
    let value = || text.parse().expect("a test asks in valid words");
    (!text.is_empty()).then(|| Asked { value: value(), source: source.to_owned(), span: None })
}

impl Ask {
    /// The manifest that asks this of the environment. Driver, GPUs and architecture are the machine's.
    pub fn manifest(&self) -> String {
        let mut text = String::new();
        let mut table = |name: &str, pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
            if !pairs.is_empty() {
                text.push_str(&format!("[{name}]\n"));
                pairs.iter().for_each(|(key, value)| text.push_str(&format!("{key} = \"{value}\"\n")));
            }
        };
        let frameworks =
            self.frameworks.iter().map(|(id, version)| (id.as_str(), version.as_str())).collect::<Vec<_>>();
        table("frameworks", &frameworks);
        table("python", &[("version", &self.python)]);
        table("cuda", &[("version", &self.cuda), ("cudnn", &self.cudnn), ("toolkit", &self.toolkit)]);
        table("system", &[("base", &self.base)]);
        if self.cpu {
            table("gpu", &[("devices", "none")]);
        }
        text
    }

    pub fn request(&self, matrix: &Matrix) -> Request {
        let gpu = |text: &String| {
            let named = matrix.gpu(text).map(|row| row.capability);
            let capability = named.unwrap_or_else(|| text.parse().expect("a GPU the fixture knows"));
            Asked { value: TargetGpu { name: text.clone(), capability }, source: "--gpu".to_owned(), span: None }
        };
        Request {
            manifest: ManifestText { path: PathBuf::from("envctl.toml"), text: self.manifest() },
            frameworks: self.wishes(),
            python: asked(&self.python, "envctl.toml:5"),
            cuda: asked(&self.cuda, "envctl.toml:7"),
            cudnn: asked(&self.cudnn, "envctl.toml:8"),
            toolkit: self.toolkit(),
            base: asked(&self.base, "envctl.toml:9").map_or(Base::Open, Base::Distribution),
            gpu: if self.cpu { GpuWish::None } else { GpuWish::Required(None) },
            target: TargetFacts {
                driver: asked(&self.driver, "--driver").map_or(TargetDriver::Open, TargetDriver::Version),
                gpus: self.gpus.iter().map(gpu).collect(),
                arch: self.arch(),
                ..TargetFacts::default()
            },
            allow_unknown: false,
        }
    }

    fn wishes(&self) -> BTreeMap<FrameworkId, FrameworkWish> {
        let wish = |(id, version): &(String, String)| {
            let version = if version.is_empty() { "*" } else { version };
            let version = asked(version, "envctl.toml:2").expect("it is not empty");
            (id.parse().expect("a framework's id"), FrameworkWish { version, with: Vec::new(), variant: None })
        };
        self.frameworks.iter().map(wish).collect()
    }

    fn toolkit(&self) -> Option<Asked<Toolkit>> {
        let value = match self.toolkit.as_str() {
            "runtime" => Toolkit::Runtime,
            "devel" => Toolkit::Devel,
            _ => return None,
        };
        Some(Asked { value, source: "envctl.toml:8".to_owned(), span: None })
    }

    fn arch(&self) -> Option<Asked<Arch>> {
        let value = match self.arch.as_str() {
            "x86_64" => Arch::X86_64,
            "aarch64" => Arch::Aarch64,
            "ppc64le" => Arch::Ppc64le,
            _ => return None,
        };
        Some(Asked { value, source: "--arch".to_owned(), span: None })
    }

    pub fn resolve(&self, matrix: &Matrix) -> Result<Resolution, Conflict> {
        resolve(&self.request(matrix), matrix)
    }
}
