//! The benchmark's questions: one for each cost, and laboratories with many machines.

use envctl::host::{Fact, FactOverrides, HostFacts};
use envctl::manifest::{Layer, LayerKind, Manifest};
use envctl::matrix::Matrix;
use envctl::resolve::{Overrides, Request};

/// A manifest and a machine.
pub struct Question {
    pub name: &'static str,
    frameworks: &'static str,
    driver: &'static str,
    gpu: &'static str,
    /// Whether there is an answer; if not, there is a conflict.
    pub fits: bool,
}

pub const QUESTIONS: [Question; 6] = [
    Question {
        name: "one framework, fits",
        frameworks: "pytorch = '2.4'",
        driver: "535.104.05",
        gpu: "RTX 3090",
        fits: true,
    },
    Question {
        name: "one framework, conflict",
        frameworks: "pytorch = '2.8'",
        driver: "470.82.01",
        gpu: "RTX 3090",
        fits: false,
    },
    Question {
        name: "one framework, any release, conflict",
        frameworks: "pytorch = '*'",
        driver: "340.29",
        gpu: "RTX 5090",
        fits: false,
    },
    Question {
        name: "two frameworks, fit",
        frameworks: "jax = '*'\npytorch = '*'",
        driver: "535.104.05",
        gpu: "V100",
        fits: true,
    },
    Question {
        name: "two frameworks, conflict",
        frameworks: "jax = '0.7'\npytorch = '2.4'",
        driver: "570.26",
        gpu: "A100",
        fits: false,
    },
    Question {
        name: "two frameworks, open range, conflict",
        frameworks: "jax = '>=0.3'\ntensorflow = '1.12'",
        driver: "535.104.05",
        gpu: "V100",
        fits: false,
    },
];

impl Question {
    pub fn request(&self, matrix: &Matrix) -> Request {
        let driver = Some(self.driver.parse().expect("a driver"));
        let machine = FactOverrides { driver, gpus: vec![self.gpu.to_owned()], ..FactOverrides::default() };
        let overrides = Overrides { machine, no_host: true, ..Overrides::default() };
        Request::new(&manifest(self.frameworks), None, &overrides, matrix).expect("the matrix knows what is asked")
    }
}

fn manifest(frameworks: &str) -> Manifest {
    let text = format!("name = 'bench'\n[frameworks]\n{frameworks}\n");
    let layer = Layer { path: "envctl.toml".into(), text, kind: LayerKind::Project };
    Manifest::parse_layers(vec![layer]).expect("a manifest")
}

/// One manifest asked of `count` machines: as many kinds as there are recorded machines and drivers of a lab, or each with a
/// driver of its own.
pub fn lab(matrix: &Matrix, count: usize, all_different: bool) -> Vec<Request> {
    const DRIVERS: [&str; 5] = ["470.256.02", "525.147.05", "535.216.01", "550.144.03", "580.95.05"];
    let manifest = manifest("pytorch = '2.8'");
    let overrides = Overrides { facts: true, ..Overrides::default() };
    let recorded = recorded();
    let host = |index: usize| {
        let mut host = recorded[index % recorded.len()].clone();
        let driver = DRIVERS[(index / recorded.len()) % DRIVERS.len()];
        let driver = if all_different { format!("{driver}{index:04}") } else { driver.to_owned() };
        let said = format!("NVML, recorded in host-{index}.json");
        let marked = |text: String| Fact { value: text.parse().expect("a driver"), source: said.clone().into() };
        host.driver = host.driver.take().map(|_| marked(driver));
        host.gpus.iter_mut().for_each(|gpu| gpu.source = said.clone().into());
        Request::new(&manifest, Some(&host), &overrides, matrix).expect("the matrix knows what is asked")
    };
    (0..count).map(host).collect()
}

fn recorded() -> Vec<HostFacts> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts");
    let files = std::fs::read_dir(folder).expect("the recorded machines").map(|entry| entry.expect("a file").path());
    let mut files =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect::<Vec<_>>();
    files.sort();
    files.iter().map(|path| HostFacts::read(path).expect("a recorded machine")).collect()
}
