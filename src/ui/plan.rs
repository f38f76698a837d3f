//! Describes a plan: its steps and the reason of each.
//!
//! `plan` and `up` print the same text.

use crate::reconcile::mounts::HELD_DIRECTORIES;
use crate::reconcile::plan::{Action, Plan, PlanStep, Reason};
use crate::reconcile::view::FieldChange;

use super::Paint;

/// Describes a plan: one line for each step, changed settings below it.
#[must_use]
pub fn plan(plan: &Plan, paint: Paint) -> String {
    if plan.is_empty() {
        return "nothing to do\n".to_owned();
    }
    plan.steps.iter().map(|step| line(step, paint)).collect()
}

/// Describes the result of an `up`: the steps and their reasons, in order.
#[must_use]
pub fn outcome(name: &str, done: &Plan, gpus: &[String], paint: Paint) -> String {
    let head = paint.bold(name);
    let gpus: String = gpus.iter().flat_map(|gpu| [gpu.as_str(), "\n"]).collect();
    if done.is_empty() {
        return format!("{head} is up to date\n{gpus}");
    }
    let has = |wanted: Action| done.steps.iter().find(|step| step.action == wanted);
    let verb = match (has(Action::Remove), has(Action::Create), has(Action::Start)) {
        (Some(step), _, _) => format!("was recreated: {}", reason(&step.reason)),
        (_, Some(_), _) => "is up".to_owned(),
        (_, _, Some(step)) => format!("was started: {}", reason(&step.reason)),
        _ => "is up; its keys were renewed".to_owned(),
    };
    let changes = has(Action::Remove).map(|step| differences(&step.reason)).unwrap_or_default();
    format!("{head} {verb}\n{changes}{gpus}")
}

fn line(step: &PlanStep, paint: Paint) -> String {
    let changes = if step.action == Action::Remove { differences(&step.reason) } else { String::new() };
    format!("{} {}\n{changes}", paint.bold(&format!("{:<7}", action(step.action))), reason(&step.reason))
}

fn differences(reason: &Reason) -> String {
    let Reason::SettingsChanged { changes } = reason else { return String::new() };
    let lines: Vec<String> = changes.iter().map(|change| format!("        {}\n", difference(change))).collect();
    lines.concat()
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Build => "build",
        Action::Remove => "remove",
        Action::Create => "create",
        Action::Upload => "keys",
        Action::Start => "start",
    }
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NoImage => "there is no image for this manifest and lock".to_owned(),
        Reason::Asked => "asked for on the command line".to_owned(),
        Reason::NoContainer => "there is no container".to_owned(),
        Reason::ImageChanged { from, to } if from == to => "the image was rebuilt".to_owned(),
        Reason::ImageChanged { from, to } => format!("the image changed: {from} -> {to}"),
        Reason::SettingsChanged { changes } if changes.is_empty() => "its settings changed".to_owned(),
        Reason::SettingsChanged { changes } => {
            let fields: Vec<_> = changes.iter().map(|change| change.field.as_str()).collect();
            format!("its settings changed: {}", fields.join(", "))
        }
        Reason::HalfMade => "an earlier try did not finish it".to_owned(),
        Reason::NetworkGone => "the network it was made for is gone".to_owned(),
        Reason::Made => "the container is new".to_owned(),
        Reason::Stopped { code } => format!("the container stopped with code {code}"),
        Reason::KeysChanged => "who is permitted to enter, or the SSH server's settings, changed".to_owned(),
    }
}

/// Describes a change: `shm-size: 8g -> 16g`; an added or removed value is shown alone.
fn difference(change: &FieldChange) -> String {
    let FieldChange { field, from, to } = change;
    if field == "env" {
        return variables(from, to);
    }
    let (from, to) = (from.join(", "), to.join(", "));
    match (from.is_empty(), to.is_empty()) {
        (true, _) => format!("{field}: + {to}"),
        (_, true) => format!("{field}: - {from}"),
        _ if from == to => format!("{field}: another value of {to}"),
        _ => format!("{field}: {from} -> {to}"),
    }
}

/// Groups variables by removed, added and changed. A removed and an added variable are not one change of a name.
fn variables(from: &[String], to: &[String]) -> String {
    let gone = from.iter().filter(|name| !to.contains(name)).map(|name| format!("- {name}"));
    let other = from.iter().filter(|name| to.contains(name)).map(|name| match name.as_str() {
        HELD_DIRECTORIES => "another directory at the place of a mounted one".to_owned(),
        name => format!("another value of {name}"),
    });
    let come = to.iter().filter(|name| !from.contains(name)).map(|name| format!("+ {name}"));
    format!("env: {}", gone.chain(other).chain(come).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_with_their_reasons() {
        let change = |field: &str, from: &[&str], to: &[&str]| FieldChange {
            field: field.to_owned(),
            from: from.iter().map(|item| (*item).to_owned()).collect(),
            to: to.iter().map(|item| (*item).to_owned()).collect(),
        };
        let changes = vec![
            change("env", &["TOKEN", HELD_DIRECTORIES], &["TOKEN", HELD_DIRECTORIES]),
            change("mounts", &[], &["/srv/data:/data:ro"]),
            change("shm-size", &["8g"], &["16g"]),
        ];
        let reason = Reason::SettingsChanged { changes };
        let steps = vec![
            PlanStep { action: Action::Build, reason: Reason::NoImage },
            PlanStep { action: Action::Remove, reason: reason.clone() },
            PlanStep { action: Action::Create, reason },
            PlanStep { action: Action::Start, reason: Reason::Made },
        ];
        insta::assert_snapshot!(plan(&Plan { steps }, Paint(false)), @r"
        build   there is no image for this manifest and lock
        remove  its settings changed: env, mounts, shm-size
                env: another value of TOKEN, another directory at the place of a mounted one
                mounts: + /srv/data:/data:ro
                shm-size: 8g -> 16g
        create  its settings changed: env, mounts, shm-size
        start   the container is new
        ");
        assert_eq!(plan(&Plan::default(), Paint(false)), "nothing to do\n");
    }
}
