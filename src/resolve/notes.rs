//! What a person should know of an answer that fits: what it costs, what was left out of account.

use super::answer::{assumed_version, chosen, cudnn_pin};
use super::base::{is_current, main_build};
use super::candidate::cuda_row;
use super::problem::{Problem, Releases, WantedBase};
use super::request::{GpuWish, Request};
use super::search::Solution;
use super::words::{gpu, listed};

/// Full sentences, the weightier first.
pub(super) fn notes(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(no_gpu(request));
    notes.extend(unknown(request, problem));
    notes.extend(minor_version(problem, solution));
    notes.extend(branch(problem));
    notes.extend(first_driver(request, problem));
    notes.extend(last_driver(request, problem));
    notes.extend(capped_cudnn(request, problem, solution));
    notes.extend(pinned_cudnn(request, problem, solution));
    notes.extend(unpublished_code(problem, solution));
    notes.extend(base(problem, solution));
    notes.extend(meanings(problem));
    notes
}

fn no_gpu(request: &Request) -> Option<String> {
    let found = request.target.no_gpu.as_ref()?;
    (request.gpu == GpuWish::Optional).then(|| format!("no GPU here ({found}): the GPU build will compute on the CPU"))
}

fn unknown(request: &Request, problem: &Problem<'_>) -> Vec<String> {
    let assumed =
        problem.frameworks.iter().filter(|wanted| matches!(wanted.releases, Releases::Any)).filter_map(|wanted| {
            let version = assumed_version(wanted)?;
            Some(format!(
                "the matrix does not know {} {version}: it is taken to be like the newest release it knows",
                wanted.id
            ))
        });
    let left_out = request.target.unknown.iter().map(|what| format!("{what}, is left out of account"));
    assumed.chain(left_out).collect()
}

/// What NVIDIA's minor-version compatibility costs.
fn minor_version(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<String> {
    let driver = problem.driver?;
    let version = solution.bare.as_ref().map(|bare| &bare.version);
    let cuda = version.or_else(|| main_build(problem, &solution.chosen)?.build.cuda.as_ref())?;
    let toolkit = cuda_row(problem.matrix, cuda)?.toolkit_driver(cuda)?;
    (!driver.meets(toolkit)).then(|| {
        format!(
            "driver {driver} is older than CUDA {cuda}'s own ({toolkit}): it runs by minor-version compatibility, where code \
             compiled on the fly (PTX) and features of a newer driver do not work"
        )
    })
}

fn branch(problem: &Problem<'_>) -> Option<String> {
    let driver = problem.driver.filter(|driver| driver.parts().len() == 1)?;
    let within =
        problem.matrix.cuda().iter().map(|row| &row.driver_minimum).filter(|floor| floor.major() == driver.major());
    let floor = within.max()?;
    Some(format!("driver {driver} is read as a release of that branch from {floor} on"))
}

/// A new GPU can need more of the driver than its CUDA does.
fn first_driver(request: &Request, problem: &Problem<'_>) -> Vec<String> {
    let note = |card: &super::problem::Card<'_>| {
        let first = card.row?.first_driver.as_ref()?;
        Some(format!("{} itself needs driver {first} or newer", gpu(request, card.index)))
    };
    problem.gpus.iter().filter_map(note).collect()
}

fn last_driver(request: &Request, problem: &Problem<'_>) -> Vec<String> {
    let note = |card: &super::problem::Card<'_>| {
        let last = card.row?.last_driver.as_ref()?;
        Some(format!("R{} is the last driver branch that runs {}", last.major(), gpu(request, card.index)))
    };
    problem.gpus.iter().filter_map(note).collect()
}

fn capped_cudnn(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Option<String> {
    let capped = solution.chosen.iter().find_map(|candidate| cudnn_pin(problem, candidate))?;
    let old =
        problem.gpus.iter().find(|card| super::candidate::cudnn_cap(problem.matrix, card.capability).is_some())?;
    Some(format!("{capped}: later cuDNN releases have no kernels for {}", gpu(request, old.index)))
}

/// A build can have code for a GPU that the cuDNN it pins has no kernels for.
fn pinned_cudnn(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<String> {
    let note = |(wanted, candidate): (&super::problem::Wanted<'_>, &super::candidate::Candidate<'_>)| {
        let pinned = candidate.build.cudnn.as_ref()?;
        let exact = pinned.parts().len() > 2;
        let row = problem.matrix.cudnn_release(pinned).filter(|_| exact)?;
        let card = problem.gpus.iter().find(|card| !row.serves(card.capability))?;
        let gpu = gpu(request, card.index);
        Some(format!(
            "{} brings cuDNN {pinned}, which has no kernels for {gpu}: what uses cuDNN may fail there",
            wanted.id
        ))
    };
    chosen(problem, solution).filter_map(note).collect()
}

fn unpublished_code(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<String> {
    if problem.gpus.is_empty() {
        return None;
    }
    let silent = chosen(problem, solution).filter(|(_, candidate)| candidate.build.capabilities.is_empty());
    let names = silent.map(|(wanted, _)| wanted.id).collect::<Vec<_>>();
    (!names.is_empty()).then(|| {
        format!(
            "the makers of {} do not publish which GPUs they compile for: only what its CUDA can compile for was checked",
            listed(&names)
        )
    })
}

fn base(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<String> {
    match (solution.place.os, problem.base) {
        (Some(row), _) if !is_current(problem, row) => {
            let day = row.end_of_life.as_deref().unwrap_or_default();
            Some(format!("{} has had no updates since {day}", row.id))
        }
        (None, WantedBase::Image(image)) => {
            Some(format!("the C library and the Python of `{image}` are not known and were not checked"))
        }
        _ => None,
    }
}

/// What a bare version was understood to mean.
fn meanings(problem: &Problem<'_>) -> Vec<String> {
    let meaning = |wanted: &super::problem::Wanted<'_>| {
        let Releases::Asked(asked) = wanted.releases else { return None };
        let bare = asked.text().starts_with(|c: char| c.is_ascii_digit()) && !asked.text().contains(',');
        bare.then(|| format!("{} {asked} means {}", wanted.id, asked.meaning()))
    };
    problem.frameworks.iter().filter_map(meaning).collect()
}
