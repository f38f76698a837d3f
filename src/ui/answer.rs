//! Describes the result of `check` for people.
//!
//! It only lays out values; the sentences about them are in `words`.

use unicode_width::UnicodeWidthStr;

use crate::resolve::{Combination, CombinationBase, DecidedFramework, DriverFloors, PythonSource, Resolution, WayOut};

use super::words::{self, ReasonWords};
use super::{Paint, Table};

/// Describes a resolution: one line for each choice, then the notes. `instead` lists alternatives that can be built
/// today.
#[must_use]
pub fn answer(resolution: &Resolution, instead: &[WayOut], paint: Paint) -> String {
    let mut lines = Vec::new();
    lines.extend(resolution.decision.frameworks.iter().map(|chosen| (chosen.name.to_string(), framework(chosen))));
    if resolution.decision.frameworks.is_empty()
        && let Some(cuda) = &resolution.decision.cuda
    {
        let cudnn = resolution.decision.cudnn.as_ref().map(|cudnn| format!(", cuDNN {cudnn}")).unwrap_or_default();
        lines.push(("CUDA".to_owned(), format!("{cuda}{cudnn}")));
    }
    lines.push(("Python".to_owned(), format!("{} {}", resolution.decision.python, python(resolution))));
    lines.push(("base".to_owned(), resolution.decision.base_image.clone()));
    lines.push((
        "driver".to_owned(),
        resolution.decision.driver.as_ref().map_or_else(|| "none needed".to_owned(), driver),
    ));
    if !resolution.decision.compute_capability.is_empty() {
        let served =
            resolution.decision.compute_capability.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        lines.push(("GPU code".to_owned(), format!("compute capability {served}")));
    }
    let wide = lines.iter().map(|(what, _)| what.width()).max().unwrap_or(0);
    let line = |(what, value): &(String, String)| {
        let gap = " ".repeat(wide - what.width());
        format!("{}{gap}  {value}\n", paint.bold(what))
    };
    let warning = resolution.unbuildable.as_ref().map(|why| {
        format!("{} it fits, and can't be built today: {}\n", paint.yellow("warning:"), words::unbuildable(why))
    });
    let hints =
        instead.iter().map(|way| format!("{} to build it today, {}\n", paint.cyan("hint:"), words::way_out(way)));
    let notes = resolution.notes.iter().map(|note| format!("{} {}\n", paint.dim("note:"), words::note(note)));
    lines.iter().map(line).chain(warning).chain(hints).chain(notes).collect()
}

/// Lays out a note after an answer.
#[must_use]
pub fn noted(note: Option<&str>, paint: Paint) -> String {
    note.map(|note| format!("{} {note}\n", paint.dim("note:"))).unwrap_or_default()
}

fn framework(chosen: &DecidedFramework) -> String {
    let DecidedFramework { version, package, variant, index, cuda, cudnn, .. } = chosen;
    let made_for = match (cuda, cudnn) {
        (Some(cuda), Some(cudnn)) => format!("made for CUDA {cuda} and cuDNN {cudnn}"),
        (Some(cuda), None) => format!("made for CUDA {cuda}"),
        _ => "made for the CPU".to_owned(),
    };
    let from = if index == "default" { String::new() } else { format!(", from {index}") };
    format!("{version}  {package} build {variant}, {made_for}{from}")
}

fn python(resolution: &Resolution) -> String {
    match (resolution.decision.python_source, &resolution.decision.os) {
        (PythonSource::Distribution, Some(os)) => format!("of {os}"),
        (PythonSource::Image, _) => "of the image".to_owned(),
        _ => "managed by uv".to_owned(),
    }
}

fn driver(floors: &DriverFloors) -> String {
    match &floors.toolkit {
        Some(toolkit) if *toolkit > floors.minimum => {
            format!("{} or newer ({toolkit} for everything its CUDA can do)", floors.minimum)
        }
        _ => format!("{} or newer", floors.minimum),
    }
}

/// Describes the reason for the named choice; `None` if nothing has this name.
#[must_use]
pub fn reasons(resolution: &Resolution, name: &str, paint: Paint) -> Option<String> {
    let wanted = name.to_lowercase();
    let about = |reason: &ReasonWords| {
        let what = reason.what.to_lowercase();
        let build = matches!(wanted.as_str(), "cuda" | "cudnn" | "variant" | "build" | "driver");
        what == wanted
            || what.split(' ').next() == Some(&wanted)
            || (build && (what.ends_with(" build") || what == "cuda"))
    };
    let chosen = resolution.reasons.iter().map(words::reason).filter(about).collect::<Vec<_>>();
    let line = |reason: &ReasonWords| format!("{} {}: {}\n", paint.bold(&reason.what), reason.value, reason.why);
    (!chosen.is_empty()).then(|| chosen.iter().map(line).collect())
}

/// Returns the names that [`reasons`] knows.
#[must_use]
pub fn why_names(resolution: &Resolution) -> Vec<String> {
    resolution.reasons.iter().map(|reason| words::reason(reason).what).collect()
}

/// Lists every build and whether it works.
#[must_use]
pub fn combinations(all: &[Combination]) -> Table {
    let mut table = Table::new(["framework", "build", "CUDA", "cuDNN", "driver", "Python", "base, or why not"]);
    for one in all {
        let text = |value: Option<String>| value.unwrap_or_default();
        table.row([
            format!("{} {}", one.framework, one.version),
            one.variant.clone(),
            text(one.cuda.as_ref().map(ToString::to_string)),
            text(one.cudnn.as_ref().map(ToString::to_string)),
            text(one.driver.as_ref().map(ToString::to_string)),
            words::span(&one.python),
            base_or_reason(one),
        ]);
    }
    table
}

fn base_or_reason(one: &Combination) -> String {
    match &one.outcome {
        Err(misfit) => words::misfit(misfit),
        Ok(CombinationBase { image, unbuildable: None }) => image.clone(),
        Ok(CombinationBase { image, unbuildable: Some(lack) }) => unbuildable(image, &words::source_lack(lack)),
    }
}

fn unbuildable(what: &str, why: &str) -> String {
    format!("{what}; can't be built today: {why}")
}

/// The result for one of many machines or manifests.
pub struct Verdict {
    /// The name of the machine or the manifest.
    pub name: String,
    /// The driver of the target.
    pub driver: String,
    /// The GPUs of the target.
    pub gpus: String,
    /// The resolution, or the reason why nothing fits.
    pub outcome: Result<Resolution, String>,
}

/// Lists the results, one line for each machine or manifest.
#[must_use]
pub fn verdicts(head: &'static str, verdicts: &[Verdict]) -> Table {
    let mut table = Table::new([head, "driver", "GPUs", "fits", "with, or why not"]);
    for Verdict { name, driver, gpus, outcome } in verdicts {
        let (fits, answer) = match outcome {
            Ok(resolution) => {
                let with = short(resolution);
                let why = resolution.unbuildable.as_ref().map(words::unbuildable);
                ("yes", why.map_or_else(|| with.clone(), |why| unbuildable(&with, &why)))
            }
            Err(why) => ("no", why.clone()),
        };
        table.row([name.clone(), driver.clone(), gpus.clone(), fits.to_owned(), answer]);
    }
    table
}

fn short(resolution: &Resolution) -> String {
    let framework = |one: &DecidedFramework| format!("{} {} {}", one.name, one.version, one.variant);
    let mut parts = resolution.decision.frameworks.iter().map(framework).collect::<Vec<_>>();
    if parts.is_empty() {
        parts.extend(resolution.decision.cuda.as_ref().map(|cuda| format!("CUDA {cuda}")));
    }
    parts.push(format!("Python {}", resolution.decision.python));
    parts.join(", ")
}
