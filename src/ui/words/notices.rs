//! Describes the notices that a user should see while a command works.
//!
//! A notice never stops a command.

use super::pieces::literals;
use super::proofs::{libraries_added, libraries_missing};
use super::tries::{older_without_builds, went_back};
use crate::event::{NameHolder, Notice, OverlayNotice, OverlayState, SetAside};

/// Describes a notice as a sentence without its full stop.
pub(in crate::ui) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Overlay(overlay) => self::overlay(overlay),
        Notice::FileNotRead(path) => {
            format!("`{path}` is not read: a manifest on standard input has no directory")
        }
        Notice::KeyWithoutEffect(key) => format!("`{key}` is not supported yet: `envctl up` refuses this manifest"),
        Notice::NoTemplate { error } => format!("{error}: `up` refuses it"),
        Notice::DataAge { checked } => {
            format!("the compatibility data was last checked on {checked}; `envctl matrix update` renews it")
        }
        Notice::ReadingPublished { framework } => format!("reading what is published of {framework}"),
        Notice::ComparingReleases { count, framework } => format!("comparing {count} releases of {framework}"),
        Notice::FetchingUv { version } => format!("fetching uv {version}, which resolves Python packages"),
        Notice::AskingSources => {
            "packages without a wheel are asked what they need: their code runs in a container of its own".to_owned()
        }
        Notice::OlderWithoutBuilds(packages) => older_without_builds(packages),
        Notice::WentBack { tried, found } => went_back(tried, found),
        Notice::LibrariesAdded(libraries) => libraries_added(libraries),
        Notice::LibrariesMissing(libraries) => libraries_missing(libraries),
        Notice::NotImported { framework, library } => format!(
            "`{framework}` was not imported in the build: that needs `{library}`, which the driver brings; \
             `envctl verify` imports it where the driver is"
        ),
        Notice::Waiting => "another envctl works on this environment; waiting for it".to_owned(),
        Notice::WaitingForStart => "another envctl starts a container; waiting for it".to_owned(),
        Notice::StateDamaged(SetAside { path, aside }) => {
            format!("`{}` was damaged; it is kept as `{}`", path.display(), aside.display())
        }
        Notice::ContainerRenamed { from, to } => {
            format!("the container `{from}` of this environment is called `{to}` again")
        }
        Notice::HostKeyFound { damaged } => host_key_found(damaged.as_ref()),
        Notice::HostKeyReplaced { damaged } => format!(
            "{}; the environment gets a new host key, and clients elsewhere that know the old one will refuse it",
            set_aside(damaged)
        ),
        Notice::ClientKeyMade { path } => {
            format!("you have no SSH key; one was made for envctl alone: `{}`", path.display())
        }
        Notice::PortMoved { from, to, holder } => format!("port {from} is taken by {holder}; SSH moves to port {to}"),
        Notice::PortLost { from, to } => format!("port {from} was taken just now; SSH moves to port {to}"),
        Notice::LimitRefused { limit, reason } => {
            format!("the engine is not permitted to set the limit `{limit}` ({reason}); continuing without it")
        }
        Notice::RefusedHere => {
            "`[target]` names the machines of this answer; this machine does not run it, and `envctl up` refuses it here"
                .to_owned()
        }
        Notice::NoGpu => "this host has no GPU; the environment runs without one".to_owned(),
        Notice::GpuRoute { route } => format!("the engine gives containers GPUs by the route `{route}`"),
        Notice::NameHeld { name, holder, id } => {
            format!("`ssh {name}` stays as it is, because {}; this environment is `ssh {id}`", name_holder(holder))
        }
        Notice::PassphraseNeeded { name } => format!("`ssh {name}` will ask for the passphrase of your key"),
        Notice::NotAuthorized { name } => {
            format!("`ssh {name}` leads there, and none of your keys on this host is authorized")
        }
        Notice::LoginShellEnds { name, code } => format!(
            "`ssh {name}` leads there, and its login shell ends with code {code} before it runs a command: look at \
             the files that the shell reads first, such as `~/.bashrc`"
        ),
        Notice::SshFails { name, reason, unheeded } => ssh_fails(name, reason, unheeded),
        Notice::VolumeStays { volume } => {
            format!("the volume `{volume}` stays; `docker volume rm {volume}` removes it")
        }
        Notice::ImageStays { image, users } => format!("the image `{image}` stays, because {}", use_it(users)),
        Notice::CommandFailed { line, status } => format!("`{line}` failed with {status}"),
        Notice::LoginTooOld => {
            "this login is not permitted to use the engine yet: log out and in again, or run `newgrp docker`".to_owned()
        }
        Notice::Wrote(path) => format!("wrote {}", path.display()),
        Notice::NoRegistry => {
            "no image registry can be reached: making the base image from the distribution's own packages".to_owned()
        }
    }
}

fn overlay(OverlayNotice { source, state }: &OverlayNotice) -> String {
    match state {
        OverlayState::NeverFetched => {
            format!("the matrix rows of `{source}` were never fetched: `envctl matrix fetch` does it")
        }
        OverlayState::OtherDigest => format!(
            "the kept matrix rows of `{source}` are not those whose digest the configuration names: \
             `envctl matrix fetch` gets them"
        ),
        OverlayState::Damaged => {
            format!("the kept matrix rows of `{source}` can't be read: `envctl matrix fetch` gets them again")
        }
        OverlayState::NoFolder => format!("there are no matrix rows in `{source}`, which the configuration names"),
        OverlayState::Unreadable => {
            format!("the rows that `{source}` stored can't be read and are ignored: run it again")
        }
        OverlayState::OtherEnvctl => {
            format!("the rows that `{source}` stored are from another envctl and are ignored: run it again")
        }
        OverlayState::Old { days } => {
            format!("the matrix rows of `{source}` were fetched {days} days ago: `envctl matrix fetch` renews them")
        }
    }
}

fn set_aside(SetAside { path, aside }: &SetAside) -> String {
    format!("`{}` was damaged and is kept as `{}`", path.display(), aside.display())
}

fn host_key_found(damaged: Option<&SetAside>) -> String {
    let found = "the host key was taken back from the environment's volume";
    damaged.map_or_else(|| found.to_owned(), |damaged| format!("{}; {found}", set_aside(damaged)))
}

fn name_holder(holder: &NameHolder) -> String {
    match holder {
        NameHolder::Configuration => "your SSH configuration has settings for it".to_owned(),
        NameHolder::Environment => "another environment has it".to_owned(),
        NameHolder::Machine(file) => format!("`{}` has a machine of that name", file.display()),
        NameHolder::ThisMachine => "it is a name of this machine".to_owned(),
    }
}

fn ssh_fails(name: &str, reason: &str, unheeded: &[String]) -> String {
    let fails = format!("`ssh {name}` does not work ({reason})");
    if unheeded.is_empty() {
        return format!("{fails}; `envctl ssh` does");
    }
    format!("{fails}: your SSH configuration gives it another {}", literals(unheeded))
}

fn use_it(users: &[String]) -> String {
    match users {
        [] => "another container uses it".to_owned(),
        [user] => format!("`{user}` uses it"),
        users => format!("{} use it", literals(users)),
    }
}
