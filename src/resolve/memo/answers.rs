//! Answers many requests. The results of one request help the next, and machines with the same facts get one answer.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::matrix::Matrix;
use crate::resolve::origin::FactOrigin;
use crate::resolve::request::Request;
use crate::resolve::rows::Rows;
use crate::resolve::target::{TargetDriver, TargetFacts};
use crate::resolve::{Conflict, Resolution, answer_from};

/// Answers requests exactly as [`resolve`](crate::resolve::resolve) does, and remembers the results.
pub struct Answers<'m> {
    rows: Rows<'m>,
    /// The answers by the text of the machine. The requests in them carry no origins.
    found: RefCell<HashMap<String, Vec<(Request, RememberedAnswer)>>>,
}

type RememberedAnswer = Result<Resolution, Conflict>;

impl<'m> Answers<'m> {
    /// A memo over these rows, with no answers yet.
    #[must_use]
    pub fn of(matrix: &'m Matrix) -> Self {
        Self { rows: Rows::for_many(matrix), found: RefCell::default() }
    }

    /// The number of steps the search took for all answers so far. A step is a look at one build, a check of builds
    /// against each other, or the try of a base.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.rows.steps()
    }

    /// The resolution of `request`, or its conflict.
    pub fn answer(&self, request: &Request) -> Result<Resolution, Conflict> {
        let anonymous = anonymous(request);
        let machine = machine(&anonymous.target);
        let mut found = self.found.borrow_mut();
        let like_it = found.entry(machine).or_default();
        let known = like_it.iter().position(|(asked, _)| *asked == anonymous);
        let place = known.unwrap_or_else(|| {
            let outcome = answer_from(&anonymous, &self.rows);
            like_it.push((anonymous, outcome));
            like_it.len() - 1
        });
        match &like_it[place].1 {
            Ok(resolution) => Ok(resolution.clone()),
            Err(conflict) => Err(with_origins(conflict.clone(), request)),
        }
    }
}

/// The conflict with the origins of `request`. The remembered request may name other sources for the machine's facts.
fn with_origins(mut conflict: Conflict, request: &Request) -> Conflict {
    for fact in conflict.clashes.iter_mut().flat_map(|clash| &mut clash.facts) {
        if let Some(stated) = fact.axis.fact(request) {
            fact.origin = stated.origin;
        }
    }
    conflict
}

/// The request without the origins of the machine's facts. A recorded fact names its file, so two equal machines have
/// different origins.
fn anonymous(request: &Request) -> Request {
    let mut request = request.clone();
    let TargetFacts { driver, gpus, arch, .. } = &mut request.target;
    if let TargetDriver::Version(driver) = driver {
        driver.origin = FactOrigin::Envctl;
    }
    let arch = arch.as_mut().map(|arch| &mut arch.origin);
    for origin in gpus.iter_mut().map(|gpu| &mut gpu.origin).chain(arch) {
        *origin = FactOrigin::Envctl;
    }
    request
}

/// The machine's facts as they are written: `550` and `550.0` are equal, but messages show them differently.
fn machine(target: &TargetFacts) -> String {
    let driver = match &target.driver {
        TargetDriver::Version(driver) => driver.value.to_string(),
        TargetDriver::Open | TargetDriver::Missing => String::new(),
    };
    let gpus = target.gpus.iter().map(|gpu| format!(", {} {}", gpu.value.name, gpu.value.capability));
    std::iter::once(driver).chain(gpus).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FactOverrides;
    use crate::manifest::{Layer, LayerKind, Manifest};
    use crate::resolve::{Overrides, resolve};

    fn request(matrix: &Matrix, manifest: &str, driver: &str, gpus: &[&str], machine: &str) -> Request {
        let text = format!("name = \"lab\"\n{manifest}\n");
        let layer = Layer { path: "envctl.toml".into(), text, kind: LayerKind::Project };
        let manifest = Manifest::parse_layers(vec![layer]).unwrap();
        let gpus = gpus.iter().map(|gpu| (*gpu).to_owned()).collect();
        let named = FactOverrides { driver: driver.parse().ok(), gpus, ..FactOverrides::default() };
        let overrides = Overrides { machine: named, no_host: true, ..Overrides::default() };
        let mut request = Request::new(&manifest, None, &overrides, matrix).unwrap();
        if let TargetDriver::Version(driver) = &mut request.target.driver {
            driver.origin = FactOrigin::Host(format!("NVML, recorded in {machine}.json"));
        }
        request.target.gpus.iter_mut().for_each(|gpu| gpu.origin = FactOrigin::Host(format!("lspci on {machine}")));
        request
    }

    #[test]
    fn many_answers_are_those_of_each_by_itself() {
        let matrix = Matrix::embedded();
        let answers = Answers::of(&matrix);
        for manifest in ["[frameworks]\npytorch = \"2.8\"", "[frameworks]\npytorch = \"2.4\"\njax = \"0.7\""] {
            for (machine, driver) in ["470.82.01", "535", "535.0", "470.82.01", "580.65.06", "535"].iter().enumerate() {
                for gpus in [&["RTX 3090"][..], &["K80", "RTX 3090"], &["RTX 5090"]] {
                    let request = request(&matrix, manifest, driver, gpus, &format!("machine-{machine}"));
                    assert_eq!(answers.answer(&request), resolve(&request, &matrix), "{driver} {gpus:?}");
                }
            }
        }
    }
}
