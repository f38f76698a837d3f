//! Says what a proof of an environment showed.

use std::collections::{BTreeMap, BTreeSet};

use super::pieces::literals;
use super::stages::counted;
use crate::event::NeededLibrary;
use crate::proof::{FrameworkProof, ImportsReport, MissingModule, Outlook, ProofReport};

/// Names the packages that an image got, by what needs them.
pub(super) fn libraries_added(libraries: &[NeededLibrary]) -> String {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for NeededLibrary { package, file, owner, .. } in libraries {
        users.entry(owner.as_ref().unwrap_or(file)).or_default().extend(package.as_deref());
    }
    let users = users
        .into_iter()
        .map(|(user, packages)| format!("{} for `{user}`", literals(&packages.into_iter().collect::<Vec<_>>())));
    let users = users.collect::<Vec<_>>().join("; ");
    format!("packages of the distribution were added for libraries that Python packages need: {users}")
}

/// Names the libraries that are nowhere.
pub(super) fn libraries_missing(libraries: &[NeededLibrary]) -> String {
    let missing = libraries.iter().map(|NeededLibrary { library, package, file, owner }| {
        let owner = owner.as_ref().map(|owner| format!(" of `{owner}`")).unwrap_or_default();
        let package = package.as_ref().map(|package| format!("; the package `{package}` has it")).unwrap_or_default();
        format!("`{library}` (`{file}`{owner} needs it{package})")
    });
    let missing = missing.collect::<Vec<_>>().join(", ");
    format!("nothing in the image has {missing}: add the packages that have them to `[system] packages`")
}

/// Describes what is known of a framework, without its name.
pub(in crate::ui) fn framework_outlook(proof: &FrameworkProof) -> String {
    let FrameworkProof { framework: _, version, gpu, outlook, import_seconds, cuda, cudnn, output: _ } = proof;
    let version = version.as_ref().map(|version| format!("{version}, ")).unwrap_or_default();
    let imported = import_seconds.map(|seconds| format!("imported in {seconds} s")).unwrap_or_default();
    let seen = [cuda.as_ref().map(|cuda| format!("CUDA {cuda}")), cudnn.as_ref().map(|cudnn| format!("cuDNN {cudnn}"))];
    let seen: Vec<String> = seen.into_iter().flatten().collect();
    let with = if seen.is_empty() { String::new() } else { format!(" with {}", seen.join(", ")) };
    let on = gpu.map_or_else(|| "the GPU".to_owned(), |gpu| format!("GPU {gpu}"));
    match outlook {
        Outlook::Gpu => format!("{version}{imported}, computed on {on}{with}"),
        Outlook::Cpu | Outlook::CpuForWantOfGpu => format!("{version}{imported}, computed on the CPU{with}"),
        Outlook::ImportedForWantOfGpu => format!("{version}{imported}"),
        Outlook::NoDriver { library } => format!("not imported: that needs `{library}`, which the driver brings"),
        Outlook::GpuUnused => format!("{version}{imported}, computed on the CPU although {on} is there"),
        Outlook::NotImported { error } => format!("can't be imported: {error}"),
        Outlook::NoResult => format!("{imported}, printed no result"),
        Outlook::NotComputed { error } => {
            let on = if gpu.is_some() { format!(" on {on}") } else { String::new() };
            format!("{imported}, can't compute{on}: {error}")
        }
    }
}

/// Says what the project's code imports, in lines, each with whether it is a failure.
pub(in crate::ui) fn import_words(report: &ImportsReport) -> Vec<(String, bool)> {
    let ImportsReport { files, unread, modules, missing } = report;
    let unread = unread.iter().map(|file| (format!("{file} can't be read"), false));
    let lines = missing.iter().map(|MissingModule { module, file, line, conditional, add }| {
        let condition = if *conditional { " under a condition" } else { "" };
        let way = add.as_ref().map(|add| format!("; `{add}` adds it")).unwrap_or_default();
        (format!("nothing provides {module}, which {file}:{line} imports{condition}{way}"), !conditional)
    });
    let lines: Vec<_> = unread.chain(lines).collect();
    if lines.is_empty() {
        let (modules, files) = (counted(*modules, "module"), counted(*files, "file"));
        return vec![(format!("all is there: {modules} that {files} of code import"), false)];
    }
    lines
}

/// Says what was not looked at.
pub(in crate::ui) fn proof_gaps(report: &ProofReport) -> Vec<String> {
    let frameworks = report.frameworks.iter().filter(|one| one.outlook.lacks_gpu());
    let names: Vec<&str> = frameworks.map(|one| one.framework.as_str()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let why = if report.machine.is_none() { "there is no driver inside" } else { "there is no GPU inside" };
    vec![format!("a computation on a GPU by {}, because {why}", names.join(", "))]
}
