//! The relation between the facts of a clash: one sentence with both sides and the number that decides.
//!
//! Each kind of clash has one sentence here.

use super::pieces::{gpu, known, line, listed, no_gpu, span};
use crate::matrix::Flavour;
use crate::resolve::{
    BuildsAsked, BuildsLack, Cause, ConflictFact, CudaLack, CudaNeed, FactValue, FrameworkAsked, OpenQuestion,
    PackageNeed,
};
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, PythonVersion, VersionRequest};

/// Describes a cause as a sentence without its full stop. `facts` are the facts of the clash.
pub(super) fn cause(cause: &Cause, facts: &[ConflictFact]) -> String {
    match cause {
        Cause::NoGpu(found) => {
            format!("the environment asks for a GPU, and this machine has none that works: {}", no_gpu(*found))
        }
        Cause::DriverTooNew { gpu: card, last } => format!(
            "NVIDIA driver {} does not run {}: R{last} is the last driver branch that does",
            driver(facts),
            gpu(card)
        ),
        Cause::DriverTooOld { gpu: card, first } => {
            format!("{} needs NVIDIA driver {first} or newer, and this is {}", gpu(card), driver(facts))
        }
        Cause::UnknownCuda { asked, newest } => {
            format!("there is no CUDA{}{}", known(asked.as_ref()), newest_known(newest.as_ref()))
        }
        Cause::UnknownRelease { framework, asked, newest } => {
            format!(
                "envctl knows no release of {framework} that is {}{}",
                meaning(asked),
                newest_known(newest.as_ref())
            )
        }
        Cause::Builds { of, lack } => builds(of, lack, facts),
        Cause::Cuda { cuda: Some(cuda), cudnn, lack } => pinned_cuda(cuda, cudnn.as_ref(), lack, facts),
        Cause::Cuda { cuda: None, cudnn, lack } => any_cuda(cudnn.as_ref(), lack, facts),
        Cause::NoCommonPython(frameworks) => no_common_python(frameworks),
        Cause::Packages { frameworks, needs } => packages(frameworks, needs),
        Cause::NoPython(asked) if asked.is_empty() => "no Python is in every range that is asked for".to_owned(),
        Cause::NoPython(asked) => format!("{} have no Python in common", frameworks(asked)),
        Cause::UnknownBase { base, near } => {
            let near = if near.is_empty() { String::new() } else { format!("; similar ones are {}", listed(near)) };
            format!("envctl does not know the base `{}`{near}", named_base(base.as_ref()))
        }
        Cause::NoImage { need, base, framework, cuda_asked } => {
            no_image(need, framework.as_ref(), *cuda_asked, named_base(base.as_ref()))
        }
        Cause::BaseWithoutArch { base, arch } => {
            format!("there is no image of {} for {arch}", named_base(base.as_ref()))
        }
        Cause::GlibcTooOld { frameworks: asked, base } => format!(
            "the wheels of {} need a newer C library (glibc) than that of {}",
            frameworks(asked),
            named_base(base.as_ref())
        ),
        Cause::Undecided { steps, question } => {
            let what = match question {
                OpenQuestion::WhetherItFits => "it is not decided whether anything fits",
                OpenQuestion::WhichFactsClash => "nothing fits, and it is not decided which of the facts clash",
            };
            format!("the search was given up after {steps} steps: {what}")
        }
    }
}

/// `470.82.01 (--driver)`
fn driver(facts: &[ConflictFact]) -> String {
    let driver = facts.iter().find_map(|fact| match &fact.value {
        FactValue::Driver(driver) => Some(format!("{driver} ({})", fact.origin)),
        _ => None,
    });
    driver.unwrap_or_else(|| "none".to_owned())
}

fn newest_known(newest: Option<&impl std::fmt::Display>) -> String {
    newest.map(|newest| format!("; the newest that envctl knows is {newest}")).unwrap_or_default()
}

/// `2.99 (>=2.99,<2.100)`
fn meaning(asked: &VersionRequest) -> String {
    if asked.meaning() == asked.text() { asked.to_string() } else { format!("{asked} ({})", asked.meaning()) }
}

/// `pytorch 2.4`
fn named(id: &impl std::fmt::Display, releases: &VersionRequest) -> String {
    if releases.text() == "*" { id.to_string() } else { format!("{id} {releases}") }
}

/// `pytorch 2.4`, or `any release of pytorch`.
fn framework(FrameworkAsked { id, releases }: &FrameworkAsked) -> String {
    releases.as_ref().map_or_else(|| format!("any release of {id}"), |releases| named(id, releases))
}

fn frameworks(frameworks: &[FrameworkAsked]) -> String {
    listed(&frameworks.iter().map(framework).collect::<Vec<_>>())
}

fn builds(of: &BuildsAsked, lack: &BuildsLack, facts: &[ConflictFact]) -> String {
    let subject = BuildSubject(of);
    let again = subject.again();
    match lack {
        BuildsLack::Release => format!("{} is not among the releases asked for", subject.asked()),
        BuildsLack::Line { lines, builds } => {
            let lines = listed(&lines.iter().map(line).collect::<Vec<_>>());
            let builds = builds.as_ref().map(|(version, builds)| format!("; {version} has {}", listed(builds)));
            subject.lacks(&format!("a build that meets {lines}")) + &builds.unwrap_or_default()
        }
        BuildsLack::Published { last, first } => {
            let first = match first {
                Some(first) => format!(": the first day of one is {first}"),
                None => ": no day of one is known".to_owned(),
            };
            subject.lacks(&format!("a build that was published by {last}")) + &first
        }
        BuildsLack::GpuBuild { newest } => {
            let newest = newest.as_ref().map(|newest| format!("; the newest release with one is {newest}"));
            subject.lacks("a GPU build that envctl knows") + &newest.unwrap_or_default()
        }
        BuildsLack::CpuBuild { newest } => {
            let newest = newest.as_ref().map(|newest| format!("; the newest release with one is {newest}"));
            subject.lacks("a build for the CPU that envctl knows") + &newest.unwrap_or_default()
        }
        BuildsLack::Arch { arch, gpu: wants_gpu, known } => {
            let kind = if *wants_gpu { "a GPU build" } else { "a build" };
            format!("{}, only for {}", subject.lacks(&format!("{kind} for {arch}")), listed(known))
        }
        BuildsLack::Python { python, known } => {
            format!("{}; {again} has them for {}", subject.lacks(&format!("wheels for Python {python}")), span(known))
        }
        BuildsLack::Cuda { cuda, known } => {
            format!("{}; {again} is built for {}", subject.lacks(&format!("a build for CUDA {cuda}")), listed(known))
        }
        BuildsLack::Cudnn { cudnn, known } => {
            format!("{}; {again} is built for {}", subject.lacks(&format!("a build for cuDNN {cudnn}")), listed(known))
        }
        BuildsLack::Glibc { needed, base } => {
            let base = base.as_ref().map(|(id, glibc)| format!(", and {id} has {glibc}")).unwrap_or_default();
            subject.needs(&format!("a C library (glibc) of at least{}", known(needed.as_ref()))) + &base
        }
        BuildsLack::Code { gpus, compiled, driver: floor } => match &gpus[..] {
            [only] => {
                let code = if compiled.is_empty() { String::new() } else { format!(", only for {}", listed(compiled)) };
                let floor = floor.as_ref().map(|floor| {
                    format!("; the build that has it needs driver {floor}, and this is {}", driver(facts))
                });
                let lacks = subject.lacks(&format!("compiled code for {}", gpu(only)));
                format!("{lacks}{code}{}", floor.unwrap_or_default())
            }
            gpus => {
                let all = listed(&gpus.iter().map(gpu).collect::<Vec<_>>());
                subject.lacks(&format!("a build with compiled code for all of {all}"))
            }
        },
        BuildsLack::Kernels(card) => {
            subject.lacks(&format!("a cuDNN that goes with it and has kernels for {}", gpu(card)))
        }
        BuildsLack::Requirements => format!(
            "envctl does not know what {} requires of other packages, so it can't compare it with another framework",
            subject.any_or_asked()
        ),
        BuildsLack::Driver { floor, gpu: card } => {
            let floor = floor.as_ref();
            let floor =
                floor.map_or("another NVIDIA driver".to_owned(), |floor| format!("NVIDIA driver {floor} or newer"));
            let card = card.as_ref().map(|card| format!(" to run on {}", gpu(card))).unwrap_or_default();
            format!("{}{card}, and this is {}", subject.needs(&floor), driver(facts))
        }
    }
}

/// The subject at the beginning of a sentence about builds.
struct BuildSubject<'a>(&'a BuildsAsked);

impl BuildSubject<'_> {
    /// `pytorch 2.4 built for CUDA 12.4`
    fn asked(&self) -> String {
        format!("{}{}", named(&self.0.framework, &self.0.asked), self.qualities())
    }

    /// `any release of pytorch built for CUDA 12.4`, or `pytorch 2.4 built for CUDA 12.4`
    fn any_or_asked(&self) -> String {
        if self.0.any { format!("any release of {}{}", self.0.framework, self.qualities()) } else { self.asked() }
    }

    fn qualities(&self) -> String {
        self.0.met.iter().filter_map(quality).collect()
    }

    /// Returns the framework for its second mention in a sentence.
    fn again(&self) -> String {
        if self.0.any { named(&self.0.framework, &self.0.asked) } else { "it".to_owned() }
    }

    fn lacks(&self, what: &str) -> String {
        if self.0.any {
            return format!("no known release of {}{} has {what}", self.0.framework, self.qualities());
        }
        format!("{} has no {}", self.asked(), what.strip_prefix("a ").unwrap_or(what))
    }

    fn needs(&self, what: &str) -> String {
        if self.0.any {
            return format!("every known release of {}{} needs {what}", self.0.framework, self.qualities());
        }
        format!("{} needs {what}", self.asked())
    }
}

/// Describes the property of a build that matches a fact.
fn quality(fact: &FactValue) -> Option<String> {
    match fact {
        FactValue::Published(day) => Some(format!(" published by {day}")),
        FactValue::Python(python) => Some(format!(" for Python {python}")),
        FactValue::Cuda(cuda) => Some(format!(" built for CUDA {cuda}")),
        FactValue::Cudnn(cudnn) => Some(format!(" with cuDNN {cudnn}")),
        FactValue::Line { text, .. } => Some(format!(" that meets `{text}`")),
        _ => None,
    }
}

fn pinned_cuda(cuda: &CudaVersion, cudnn: Option<&CudnnVersion>, lack: &CudaLack, facts: &[ConflictFact]) -> String {
    match lack {
        CudaLack::Driver(floor) => format!("CUDA {cuda} {}", needs_driver(floor.as_ref(), facts)),
        CudaLack::Code(card) => format!("CUDA {cuda} does not compile for {}", gpu(card)),
        CudaLack::Arch { arch, last } => {
            let last = last.as_ref().map(|last| format!(": the last was {last}")).unwrap_or_default();
            format!("there is no CUDA {cuda} for {arch}{last}")
        }
        CudaLack::Kernels(card) => {
            format!("cuDNN{} for CUDA {cuda} has no kernels for {}", known(cudnn), gpu(card))
        }
        CudaLack::Cudnn { .. } => format!("cuDNN{} is not built for CUDA {cuda}", known(cudnn)),
    }
}

/// Describes a clash that no CUDA version would solve.
fn any_cuda(cudnn: Option<&CudnnVersion>, lack: &CudaLack, facts: &[ConflictFact]) -> String {
    match lack {
        CudaLack::Driver(floor) => format!("every CUDA {}", needs_driver(floor.as_ref(), facts)),
        CudaLack::Code(card) => format!("no CUDA compiles for {}", gpu(card)),
        CudaLack::Arch { arch, .. } => format!("there is no CUDA for {arch}"),
        CudaLack::Kernels(card) => format!("cuDNN{} has no kernels for {}", known(cudnn), gpu(card)),
        CudaLack::Cudnn { newest } => format!("there is no cuDNN{}{}", known(cudnn), newest_known(newest.as_ref())),
    }
}

fn needs_driver(floor: Option<&DriverVersion>, facts: &[ConflictFact]) -> String {
    format!("needs NVIDIA driver{} or newer, and this is {}", known(floor), driver(facts))
}

fn no_common_python(all: &[(FrameworkAsked, Vec<PythonVersion>)]) -> String {
    let names = all.iter().map(|(asked, _)| framework(asked)).collect::<Vec<_>>();
    let each = all.iter().map(|(asked, pythons)| format!("{} has them for {}", asked.id, span(pythons)));
    format!("no Python has wheels of {}: {}", listed(&names), listed(&each.collect::<Vec<_>>()))
}

fn packages(asked: &[FrameworkAsked], needs: &[PackageNeed]) -> String {
    let side = |need: &PackageNeed| format!("{} {} needs {}", need.framework, need.version, need.requirement);
    let why = match needs {
        [] => String::new(),
        needs => format!(
            ": they need different versions of one package, as {}",
            listed(&needs.iter().map(side).collect::<Vec<_>>())
        ),
    };
    format!("{} can't be in one environment{why}", frameworks(asked))
}

fn named_base(base: Option<&String>) -> &str {
    base.map_or("any Ubuntu LTS", String::as_str)
}

fn no_image(
    need: &CudaNeed,
    framework: Option<&(FrameworkAsked, Vec<CudaVersion>)>,
    cuda_asked: bool,
    base: &str,
) -> String {
    let cudnn = need.cudnn.as_ref().map(|cudnn| format!(" with cuDNN {cudnn}")).unwrap_or_default();
    let what = if need.flavour == Flavour::Devel { "toolkit" } else { "libraries" };
    let this = || format!("no published image brings the CUDA {} {what}{cudnn} on {base}", need.cuda);
    let Some((FrameworkAsked { id, releases }, made)) = framework else { return this() };
    let name = releases.as_ref().map_or_else(|| id.to_string(), |releases| named(id, releases));
    if cuda_asked || made.len() < 2 {
        return format!("{}, as {name} needs", this());
    }
    format!("no published image brings the {what} of a CUDA that {name} is built for ({}) on {base}", listed(made))
}
