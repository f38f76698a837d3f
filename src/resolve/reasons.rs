//! Why each thing was chosen, for `check --why NAME`.

use super::answer::chosen;
use super::candidate::Candidate;
use super::problem::{Problem, Releases, Wanted, WantedBase};
use super::request::Request;
use super::resolution::{PythonSource, Reason};
use super::search::Solution;
use super::words;

/// In the order in which the choices were made.
pub(super) fn reasons(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (wanted, candidate) in chosen(problem, solution) {
        reasons.push(release(request, problem, wanted, candidate));
        reasons.push(build(request, problem, wanted, candidate));
    }
    if let Some(bare) = &solution.bare {
        let why = match problem.cuda {
            Some(asked) => format!("the newest release that `{asked}` means and driver and GPUs run"),
            None => "the newest release that driver and GPUs run".to_owned(),
        };
        reasons.push(Reason { what: "cuda".to_owned(), value: bare.version.to_string(), why });
    }
    reasons.push(python(problem, solution));
    reasons.push(base(problem, solution));
    reasons
}

fn release(request: &Request, problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> Reason {
    let asked = match wanted.releases {
        Releases::Asked(asked) if asked.text() != "*" => format!(" of `{asked}`"),
        _ => String::new(),
    };
    let why = match nearest_newer(problem, wanted, candidate) {
        None => format!("the newest release{asked}"),
        Some(newer) => {
            let refusal = refusal(request, problem, wanted, &newer);
            format!("the newest release{asked} that fits; {} {refusal}", newer.release.version)
        }
    };
    Reason { what: wanted.id.to_string(), value: candidate.release.version.to_string(), why }
}

/// The preferred build of the next newer release that was passed over.
fn nearest_newer<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>, candidate: &Candidate<'a>) -> Option<Candidate<'a>> {
    let newer = wanted.candidates().take_while(|(place, _)| *place != candidate.place).last()?;
    let builds = wanted.builds(problem, newer.0, newer.1);
    let stage = |candidate: &Candidate<'_>| {
        candidate.obstacle(problem, wanted).map_or(u8::MAX, super::candidate::Obstacle::stage)
    };
    // The build that came furthest tells most; of equals, the preferred one.
    builds.into_iter().rev().max_by_key(stage)
}

fn refusal(request: &Request, problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> String {
    match candidate.obstacle(problem, wanted) {
        Some(obstacle) => words::obstacle(request, problem, candidate, obstacle),
        None => "does not go together with the rest".to_owned(),
    }
}

fn build(request: &Request, problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> Reason {
    let builds = wanted.builds(problem, candidate.place, candidate.release);
    let default = builds.first().filter(|default| default.build.variant != candidate.build.variant);
    let why = match default {
        None if builds.len() == 1 => "the only build there is".to_owned(),
        None => "the build its makers publish as the default".to_owned(),
        Some(default) => {
            let refusal = refusal(request, problem, wanted, default);
            format!("the newest CUDA that fits; the default build {} {refusal}", default.build.variant)
        }
    };
    Reason { what: format!("{} build", wanted.id), value: candidate.build.variant.clone(), why }
}

fn python(problem: &Problem<'_>, solution: &Solution<'_>) -> Reason {
    let place = &solution.place;
    let os = place.os.map_or("the image", |row| &row.id);
    let mut why = match place.source {
        PythonSource::Distribution => format!("the one that {os} ships"),
        PythonSource::Managed => format!("a build of its own: {os} ships another one"),
        PythonSource::Image => format!("the one in {}", place.image),
    };
    match (problem.python, common_pythons(problem, solution)) {
        (Some(_), _) => why = format!("asked for; {why}"),
        (None, Some(span)) => why = format!("{why}; the frameworks have wheels for {span}"),
        (None, None) => {}
    }
    Reason { what: "python".to_owned(), value: place.python.to_string(), why }
}

/// The Pythons that all frameworks have wheels for.
fn common_pythons(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<String> {
    let (first, others) = solution.chosen.split_first()?;
    let all = first.wheels(problem).flat_map(|wheel| wheel.python.iter().cloned());
    let common = all.filter(|python| others.iter().all(|other| other.installs(problem, python, None)));
    Some(words::span(common.collect()))
}

fn base(problem: &Problem<'_>, solution: &Solution<'_>) -> Reason {
    let place = &solution.place;
    let brings_cuda = place.os.is_some_and(|row| row.image != place.image);
    let why = match (problem.base, brings_cuda, place.source) {
        (WantedBase::Image(_), ..) => "asked for",
        (WantedBase::Distribution(_), false, _) => "asked for; the wheels bring all the CUDA they need",
        (WantedBase::Distribution(_), true, _) => "the smallest image with the CUDA needed on the base asked for",
        (WantedBase::Open, true, _) => "the smallest image with the CUDA needed",
        (WantedBase::Open, false, PythonSource::Distribution) => {
            "the newest maintained Ubuntu LTS that ships this Python"
        }
        (WantedBase::Open, false, _) => "the newest maintained Ubuntu LTS: none ships this Python",
    };
    Reason { what: "base".to_owned(), value: place.image.clone(), why: why.to_owned() }
}
