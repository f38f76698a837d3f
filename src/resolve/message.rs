//! What is said of one minimal clash: one sentence that names both sides and the figure between them.

use super::base::{CudaNeed, NoPlace};
use super::candidate::{Candidate, Obstacle};
use super::cause::Cause;
use super::facts::FactSet;
use super::machine::least_driver;
use super::problem::{DriverClash, Problem, Releases, Wanted};
use super::request::{Request, TargetDriver};
use super::shared;
use super::words::{self, gpu, listed};
use crate::manifest::Toolkit;
use crate::matrix::Matrix;
use crate::matrix::rows::{ReleaseRow, WheelRow};

/// The sentence.
pub(super) fn message(request: &Request, problem: &Problem<'_>, facts: &FactSet, cause: &Cause<'_>) -> String {
    match cause {
        Cause::Driver(DriverClash::TooNew { card, last }) => format!(
            "NVIDIA driver {} does not run {}: R{} is the last driver branch that does",
            driver(request),
            gpu(request, card.index),
            last.major()
        ),
        Cause::Driver(DriverClash::TooOld { card, first }) => {
            format!(
                "{} needs NVIDIA driver {first} or newer, and this is {}",
                gpu(request, card.index),
                driver(request)
            )
        }
        Cause::NoSuchVersion => no_such_version(problem),
        Cause::Builds { wanted, refused } => builds(request, problem, facts, wanted, refused),
        Cause::BareCuda(obstacles) => bare(request, problem, facts, obstacles),
        Cause::Pythons => {
            format!("no Python has wheels of {}: {}", listed(&names(problem)), listed(&pythons_of_each(problem)))
        }
        Cause::Packages => packages(problem),
        Cause::Nowhere(place) => nowhere(problem, place),
    }
}

/// What `nvidia-smi` prints is no version to pin: says so where the pinned CUDA looks like it.
pub(super) fn driver_ceiling(request: &Request, matrix: &Matrix) -> Option<String> {
    let pinned = &request.cuda.as_ref()?.value;
    let told = request.target.driver_cuda.clone();
    let ceiling = told.or_else(|| {
        let TargetDriver::Version(driver) = &request.target.driver else { return None };
        matrix.driver_ceiling(&driver.value).map(|row| row.version.clone())
    })?;
    // It never prints a third part: who pins one has it from elsewhere.
    (*pinned == ceiling.prefix(2)).then(|| {
        format!(
            ". {pinned} is the figure that `nvidia-smi` prints as \"CUDA Version\": the newest CUDA that this driver serves, \
             not one that has to be installed or pinned"
        )
    })
}

fn driver(request: &Request) -> String {
    match &request.target.driver {
        TargetDriver::Version(driver) => format!("{} ({})", driver.value, driver.source),
        _ => "none".to_owned(),
    }
}

fn names(problem: &Problem<'_>) -> Vec<String> {
    let text = |wanted: &Wanted<'_>| match name(wanted) {
        Named::These(name) => name,
        Named::Any(id) => format!("any release of {id}"),
    };
    problem.frameworks.iter().map(text).collect()
}

/// What a clash says of a framework.
enum Named {
    /// `pytorch 2.4`
    These(String),
    /// Whatever the release.
    Any(String),
}

fn name(wanted: &Wanted<'_>) -> Named {
    match wanted.releases {
        Releases::Asked(asked) if asked.text() != "*" => Named::These(format!("{} {asked}", wanted.id)),
        _ => Named::Any(wanted.id.to_string()),
    }
}

/// `pytorch 2.4` as the manifest has it, whether or not the clash is about that.
fn asked_name(wanted: &Wanted<'_>) -> String {
    match wanted.wish.version.value.text() {
        "*" => wanted.id.to_string(),
        asked => format!("{} {asked}", wanted.id),
    }
}

fn no_such_version(problem: &Problem<'_>) -> String {
    let Some(wanted) = problem.frameworks.iter().find(|wanted| wanted.candidates().next().is_none()) else {
        let cuda = problem.cuda.map(ToString::to_string).unwrap_or_default();
        let newest = problem.matrix.cuda().last().map(|row| row.version.to_string()).unwrap_or_default();
        return format!("there is no CUDA {cuda}; the newest that envctl knows is {newest}");
    };
    let newest = wanted.file.releases.iter().rev().find(|row| !row.version.is_prerelease());
    let newest = newest.map(|row| format!("; the newest that envctl knows is {}", row.version)).unwrap_or_default();
    let asked = &wanted.wish.version.value;
    let meaning = if asked.meaning() == asked.text() { String::new() } else { format!(" ({})", asked.meaning()) };
    format!("envctl knows no release of {} that is {asked}{meaning}{newest}", wanted.id)
}

fn builds(
    request: &Request,
    problem: &Problem<'_>,
    facts: &FactSet,
    wanted: &Wanted<'_>,
    refused: &[(Candidate<'_>, Obstacle)],
) -> String {
    let Some((_, first)) = refused.first() else { return format!("nothing of {} fits", wanted.id) };
    let subject = Subject::new(problem, wanted, *first);
    let candidates = || refused.iter().map(|(candidate, _)| candidate);
    let kind = if problem.gpu { "a GPU build" } else { "a build" };
    match first {
        Obstacle::Version => format!("{} is not among the releases asked for", subject.name),
        Obstacle::NoGpuBuild => {
            format!("{}{}", subject.lacks("a GPU build that envctl knows"), last_gpu_release(wanted))
        }
        Obstacle::Arch => {
            let wheels = candidates().flat_map(|candidate| &candidate.build.wheels);
            let arches = unique(wheels.map(|wheel| wheel.arch)).into_iter().map(words::arch).collect::<Vec<_>>();
            format!(
                "{}, only for {}",
                subject.lacks(&format!("{kind} for {}", words::arch(problem.arch))),
                listed(&arches)
            )
        }
        Obstacle::Python => {
            let python = problem.python.map(ToString::to_string).unwrap_or_default();
            let known = asked_for(wanted, refused).flat_map(|candidate| wheels(problem, candidate));
            let span = words::span(known.flat_map(|wheel| wheel.python.clone()).collect());
            format!(
                "{}; {} has them for {span}",
                subject.lacks(&format!("wheels for Python {python}")),
                subject.again(wanted)
            )
        }
        Obstacle::Cuda => {
            let cuda = problem.cuda.map(ToString::to_string).unwrap_or_default();
            let made = unique(asked_for(wanted, refused).filter_map(|candidate| candidate.build.cuda.clone()));
            format!(
                "{}; {} is built for {}",
                subject.lacks(&format!("a build for CUDA {cuda}")),
                subject.again(wanted),
                listed(&made)
            )
        }
        Obstacle::Cudnn => {
            let cudnn = problem.cudnn.map(ToString::to_string).unwrap_or_default();
            let made = unique(asked_for(wanted, refused).filter_map(|candidate| candidate.build.cudnn.clone()));
            format!(
                "{}; {} is built for {}",
                subject.lacks(&format!("a build for cuDNN {cudnn}")),
                subject.again(wanted),
                listed(&made)
            )
        }
        Obstacle::Glibc => {
            let needed = candidates().flat_map(|candidate| wheels(problem, candidate)).map(|wheel| &wheel.glibc).min();
            let needed = needed.map(ToString::to_string).unwrap_or_default();
            format!("{}{}", subject.needs(&format!("a C library (glibc) of at least {needed}")), base_glibc(problem))
        }
        Obstacle::Gpu(index) => {
            let compiled = unique(candidates().flat_map(|candidate| candidate.build.capabilities.iter().copied()));
            let code = if compiled.is_empty() { String::new() } else { format!(", only for {}", listed(&compiled)) };
            let cards = unique(refused.iter().filter_map(|(_, obstacle)| match obstacle {
                Obstacle::Gpu(index) => Some(*index),
                _ => None,
            }));
            if cards.len() > 1 {
                let cards = cards.into_iter().map(|index| gpu(request, index)).collect::<Vec<_>>();
                return subject.lacks(&format!("one build with compiled code for all of {}", listed(&cards)));
            }
            let lacks = subject.lacks(&format!("compiled code for {}", gpu(request, *index)));
            format!("{lacks}{code}{}", also_driver(request, problem, facts, refused))
        }
        Obstacle::CudnnKernels(index) => {
            subject.lacks(&format!("a cuDNN to go with whose kernels serve {}", gpu(request, *index)))
        }
        Obstacle::Driver => {
            let floor = least_driver(request, problem.matrix, facts);
            let floor = floor
                .map_or_else(|| "another NVIDIA driver".to_owned(), |floor| format!("NVIDIA driver {floor} or newer"));
            format!("{}{}, and this is {}", subject.needs(&floor), also_gpu(request, refused), driver(request))
        }
    }
}

/// What a sentence about builds begins with.
struct Subject {
    /// `pytorch 2.4 built for CUDA 12.4`
    name: String,
    /// It stands for every release.
    any: Option<String>,
}

impl Subject {
    /// The framework with what was asked of its build, apart from what the sentence is about.
    fn new(problem: &Problem<'_>, wanted: &Wanted<'_>, about: Obstacle) -> Self {
        let python = problem.python.filter(|_| about > Obstacle::Python).map(|python| format!(" for Python {python}"));
        let cuda = problem.cuda.filter(|_| about > Obstacle::Cuda).map(|cuda| format!(" built for CUDA {cuda}"));
        let cudnn = problem.cudnn.filter(|_| about > Obstacle::Cudnn).map(|cudnn| format!(" with cuDNN {cudnn}"));
        let qualities = [python, cuda, cudnn].into_iter().flatten().collect::<String>();
        let any = matches!(name(wanted), Named::Any(_)).then(|| format!("{}{qualities}", wanted.id));
        Self { name: format!("{}{qualities}", asked_name(wanted)), any }
    }

    /// The framework asked for, the second time a sentence names it.
    fn again(&self, wanted: &Wanted<'_>) -> String {
        if self.any.is_some() { asked_name(wanted) } else { "it".to_owned() }
    }

    fn lacks(&self, what: &str) -> String {
        let bare = what.strip_prefix("a ").unwrap_or(what);
        match &self.any {
            Some(all) => format!("no known release of {all} has {what}"),
            None => format!("{} has no {bare}", self.name),
        }
    }

    fn needs(&self, what: &str) -> String {
        match &self.any {
            Some(all) => format!("every known release of {all} needs {what}"),
            None => format!("{} needs {what}", self.name),
        }
    }
}

/// The builds of the releases that the manifest asks for, where any of them was looked at; else all.
fn asked_for<'r, 'a>(
    wanted: &Wanted<'_>,
    refused: &'r [(Candidate<'a>, Obstacle)],
) -> impl Iterator<Item = &'r Candidate<'a>> + use<'r, 'a> {
    let asked = wanted.wish.version.value.clone();
    let any = refused.iter().any(|(candidate, _)| asked.accepts(&candidate.release.version));
    let all = refused.iter().map(|(candidate, _)| candidate);
    all.filter(move |candidate| !any || asked.accepts(&candidate.release.version))
}

/// Where the makers gave GPUs up: the last release that has a GPU build.
fn last_gpu_release(wanted: &Wanted<'_>) -> String {
    let has_gpu =
        |row: &&ReleaseRow| !row.version.is_prerelease() && row.builds.iter().any(|build| build.cuda.is_some());
    let last = wanted.file.releases.iter().rev().find(has_gpu);
    last.map_or_else(String::new, |row| format!("; the newest release with one is {}", row.version))
}

fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Some builds lack code for the GPU, the others need a newer driver.
fn also_driver(
    request: &Request,
    problem: &Problem<'_>,
    facts: &FactSet,
    refused: &[(Candidate<'_>, Obstacle)],
) -> String {
    if !refused.iter().any(|(_, obstacle)| *obstacle == Obstacle::Driver) {
        return String::new();
    }
    let floor = least_driver(request, problem.matrix, facts);
    floor.map_or_else(String::new, |floor| {
        format!("; the build that has it needs driver {floor}, and this is {}", driver(request))
    })
}

fn also_gpu(request: &Request, refused: &[(Candidate<'_>, Obstacle)]) -> String {
    let gpus = refused.iter().find_map(|(_, obstacle)| match obstacle {
        Obstacle::Gpu(index) => Some(*index),
        _ => None,
    });
    gpus.map_or_else(String::new, |index| format!(" to run on {}", gpu(request, index)))
}

fn wheels<'a>(problem: &Problem<'_>, candidate: &Candidate<'a>) -> impl Iterator<Item = &'a WheelRow> + use<'a> {
    candidate.wheels(problem)
}

fn base_glibc(problem: &Problem<'_>) -> String {
    let super::problem::WantedBase::Distribution(id) = problem.base else { return String::new() };
    problem.matrix.distribution(id).map(|row| format!(", and {id} has {}", row.glibc)).unwrap_or_default()
}

fn bare(request: &Request, problem: &Problem<'_>, facts: &FactSet, obstacles: &[Obstacle]) -> String {
    let cudnn = problem.cudnn.map(|cudnn| format!("cuDNN {cudnn}")).unwrap_or_default();
    let obstacle = obstacles.iter().max_by_key(|obstacle| obstacle.stage());
    let Some(cuda) = problem.cuda else { return bare_with_any_cuda(request, problem, facts, obstacle) };
    match obstacle {
        Some(Obstacle::Driver) => {
            let floor = bare_floor(request, problem, facts);
            format!("CUDA {cuda} needs NVIDIA driver {floor} or newer, and this is {}", driver(request))
        }
        Some(Obstacle::Gpu(index)) => format!("CUDA {cuda} does not compile for {}", gpu(request, *index)),
        Some(Obstacle::Arch) => {
            let published = problem.matrix.cuda().iter().rev().find(|row| row.is_for_arch(problem.arch));
            let last = published.map(|row| format!(": the last was {}", row.version)).unwrap_or_default();
            format!("there is no CUDA {cuda} for {}{last}", words::arch(problem.arch))
        }
        Some(Obstacle::CudnnKernels(index)) => {
            format!("{cudnn} for CUDA {cuda} has no kernels for {}", gpu(request, *index))
        }
        _ => format!("{cudnn} is not built for CUDA {cuda}"),
    }
}

/// What no CUDA at all would mend.
fn bare_with_any_cuda(
    request: &Request,
    problem: &Problem<'_>,
    facts: &FactSet,
    obstacle: Option<&Obstacle>,
) -> String {
    let cudnn = problem.cudnn.map(ToString::to_string).unwrap_or_default();
    match obstacle {
        Some(Obstacle::Driver) => {
            let floor = bare_floor(request, problem, facts);
            format!("every CUDA needs NVIDIA driver {floor} or newer, and this is {}", driver(request))
        }
        Some(Obstacle::Gpu(index)) => format!("no CUDA compiles for {}", gpu(request, *index)),
        Some(Obstacle::CudnnKernels(index)) => format!("cuDNN {cudnn} has no kernels for {}", gpu(request, *index)),
        _ => {
            let newest = problem.matrix.cudnn().last().map(|row| row.version.to_string()).unwrap_or_default();
            format!("there is no cuDNN {cudnn}; the newest that envctl knows is {newest}")
        }
    }
}

fn bare_floor(request: &Request, problem: &Problem<'_>, facts: &FactSet) -> String {
    least_driver(request, problem.matrix, facts).map(|floor| floor.to_string()).unwrap_or_default()
}

fn pythons_of_each(problem: &Problem<'_>) -> Vec<String> {
    let of = |wanted: &Wanted<'_>| {
        let builds = wanted.candidates().flat_map(|(place, release)| wanted.builds(problem, place, release));
        let pythons = builds.flat_map(|candidate| candidate.wheels(problem)).flat_map(|wheel| wheel.python.clone());
        format!("{} has them for {}", wanted.id, words::span(pythons.collect()))
    };
    problem.frameworks.iter().map(of).collect()
}

fn packages(problem: &Problem<'_>) -> String {
    let example = problem.frameworks.iter().filter_map(|wanted| preferred(problem, wanted)).collect::<Vec<_>>();
    let why = shared::disagreement(&example).map(|disagreement| {
        let side = |(index, range): &(usize, String)| {
            let candidate = &example[*index];
            format!("{} {} needs {range}", problem.frameworks[*index].id, candidate.release.version)
        };
        let sides = disagreement.ranges.iter().map(side).collect::<Vec<_>>();
        format!(": they install different versions of NVIDIA's libraries, as {}", listed(&sides))
    });
    format!("{} can't be in one environment{}", listed(&names(problem)), why.unwrap_or_default())
}

/// The build that stands for a framework: of a release that the manifest asks for, where one fits by itself.
fn preferred<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Option<Candidate<'a>> {
    let fits = || {
        let builds = wanted.candidates().flat_map(|(place, release)| wanted.builds(problem, place, release));
        builds.filter(|candidate| candidate.obstacle(problem, wanted).is_none())
    };
    let asked = |candidate: &Candidate<'_>| wanted.wish.version.value.accepts(&candidate.release.version);
    fits().find(asked).or_else(|| fits().next())
}

fn nowhere(problem: &Problem<'_>, place: &NoPlace) -> String {
    let base = match problem.base {
        super::problem::WantedBase::Distribution(id) | super::problem::WantedBase::Image(id) => id,
        super::problem::WantedBase::Open => "any Ubuntu LTS",
    };
    match place {
        NoPlace::Python => format!("{} have no Python in common", listed(&names(problem))),
        NoPlace::UnknownBase => {
            let near = problem.matrix.distributions_like(base).iter().map(|row| row.id.clone()).collect::<Vec<_>>();
            let near = if near.is_empty() { String::new() } else { format!("; similar ones are {}", listed(&near)) };
            format!("envctl does not know the base `{base}`{near}")
        }
        NoPlace::Image(need) => no_image(problem, need, base),
        NoPlace::Arch => format!("there is no image of {base} for {}", words::arch(problem.arch)),
        NoPlace::Glibc => {
            format!("the wheels of {} need a newer C library (glibc) than that of {base}", listed(&names(problem)))
        }
    }
}

fn no_image(problem: &Problem<'_>, need: &CudaNeed, base: &str) -> String {
    let cudnn = need.cudnn.as_ref().map(|cudnn| format!(" with cuDNN {cudnn}")).unwrap_or_default();
    let what = match problem.toolkit {
        Toolkit::Devel => "toolkit",
        _ => "libraries",
    };
    let [only] = &problem.frameworks[..] else {
        return format!("no published image brings the CUDA {} {what}{cudnn} on {base}", need.cuda);
    };
    let builds = only.candidates().flat_map(|(place, release)| only.builds(problem, place, release));
    let made = unique(builds.filter_map(|candidate| candidate.build.cuda.clone()));
    if problem.cuda.is_some() || made.len() < 2 {
        let framework = asked_name(only);
        return format!(
            "no published image brings the CUDA {} {what}{cudnn} on {base}, as {framework} needs",
            need.cuda
        );
    }
    let made = listed(&made);
    let name = asked_name(only);
    format!("no published image brings the {what} of a CUDA that {name} is built for ({made}) on {base}")
}
