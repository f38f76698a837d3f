//! Compares the desired container with the observed one and lists the fewest steps, each with its reason. Pure.
//!
//! The verb `plan` prints the result and `up` carries it out.

use serde::Serialize;

use super::view::{FieldChange, SpecView};
use crate::engine::{ContainerState, ContainerStatus, ImageState};

/// The label with the hash of what a container was made from.
pub const SPEC_LABEL: &str = "envctl.spec";

/// What there is to be, in the terms that decide.
#[derive(Clone, Debug)]
pub struct PlanTarget<'a> {
    /// The image's reference.
    pub image: &'a str,
    /// What the container is made from.
    pub view: &'a SpecView,
    /// Hash of the SSH server's files; none without an SSH server.
    pub ssh_files: Option<&'a str>,
    /// Whether ports of the host lead to it.
    pub publishes: bool,
}

/// What there is.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The image of the target's reference.
    pub image: Option<ImageState>,
    /// The environment's container.
    pub container: Option<ContainerState>,
    /// What the container was made from, where this host remembers it.
    pub view: Option<SpecView>,
    /// Hash of the SSH server's files as last uploaded.
    pub ssh_files: Option<String>,
}

/// What a person asked for beyond what is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// `--no-cache` or `--pull`.
    pub rebuild: bool,
    /// `--recreate`
    pub recreate: bool,
    /// The engine found just now that the network of a container is gone.
    pub reconnect: bool,
}

/// Steps in the order in which they are done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plan {
    pub steps: Vec<PlanStep>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanStep {
    pub action: Action,
    pub reason: Reason,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The image is built.
    Build,
    /// The container is stopped, where it runs, and removed.
    Remove,
    /// A container is made.
    Create,
    /// The SSH server's files are put into its volume.
    Upload,
    /// The container is started.
    Start,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// The engine has no image for what the manifest and the lock say now.
    NoImage,
    /// The command line asks for it.
    Asked,
    /// There is no container.
    NoContainer,
    /// The container was made from another image.
    ImageChanged {
        /// Its reference.
        from: String,
        /// The new one.
        to: String,
    },
    /// The container was made with other settings; empty where it is not remembered which.
    SettingsChanged {
        /// By field.
        changes: Vec<FieldChange>,
    },
    /// An earlier try left it: it never started, or the engine lost it.
    HalfMade,
    /// The network that it was made for is gone, or it was taken off it.
    NetworkGone,
    /// It was rebuilt just now.
    Made,
    /// It ended, with this code.
    Stopped {
        /// The exit code of its main process.
        code: i64,
    },
    /// Keys or settings of the SSH server differ from those inside.
    KeysChanged,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether an action is part of it.
    #[must_use]
    pub fn has(&self, action: Action) -> bool {
        self.steps.iter().any(|step| step.action == action)
    }

    fn push(&mut self, action: Action, reason: Reason) {
        self.steps.push(PlanStep { action, reason });
    }
}

/// The least that leads from what there is to what there is to be.
#[must_use]
pub fn plan(target: &PlanTarget<'_>, observed: &Observed, wanted: PlanOptions) -> Plan {
    let mut plan = Plan::default();
    match &observed.image {
        None => plan.push(Action::Build, Reason::NoImage),
        Some(_) if wanted.rebuild => plan.push(Action::Build, Reason::Asked),
        Some(_) => {}
    }
    let Some(container) = &observed.container else {
        make(&mut plan, Reason::NoContainer, target);
        return plan;
    };
    if let Some(reason) = why_anew(target, observed, container, wanted) {
        plan.push(Action::Remove, reason.clone());
        make(&mut plan, reason, target);
        return plan;
    }
    if target.ssh_files.is_some() && target.ssh_files != observed.ssh_files.as_deref() {
        plan.push(Action::Upload, Reason::KeysChanged);
    }
    if let ContainerStatus::Exited { code } = container.status {
        plan.push(Action::Start, Reason::Stopped { code });
    }
    plan
}

fn make(plan: &mut Plan, reason: Reason, target: &PlanTarget<'_>) {
    plan.push(Action::Create, reason);
    if target.ssh_files.is_some() {
        plan.push(Action::Upload, Reason::Made);
    }
    plan.push(Action::Start, Reason::Made);
}

/// Why the container that there is can't stay; `None` where it can. The half-made comes first: nothing of it is kept in
/// any case, and what it was made from says nothing to anyone.
fn why_anew(
    target: &PlanTarget<'_>,
    observed: &Observed,
    container: &ContainerState,
    wanted: PlanOptions,
) -> Option<Reason> {
    if matches!(container.status, ContainerStatus::Created | ContainerStatus::Dead) {
        return Some(Reason::HalfMade);
    }
    let same_image = observed.image.as_ref().is_some_and(|image| image.id == container.image) && !wanted.rebuild;
    if !same_image {
        let (from, to) = (container.image_reference.clone(), target.image.to_owned());
        return Some(Reason::ImageChanged { from, to });
    }
    if container.labels.get(SPEC_LABEL) != Some(&target.view.hash()) {
        let changes = observed.view.as_ref().map(|old| old.changes(target.view)).unwrap_or_default();
        return Some(Reason::SettingsChanged { changes });
    }
    if wanted.reconnect || is_cut_off(target, container) {
        return Some(Reason::NetworkGone);
    }
    wanted.recreate.then_some(Reason::Asked)
}

/// A container that runs and publishes nothing of what it was made to publish was taken off its network by hand.
fn is_cut_off(target: &PlanTarget<'_>, container: &ContainerState) -> bool {
    let runs = container.status == ContainerStatus::Running;
    runs && target.publishes && container.ports.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ContainerId, ContainerSpec, ImageId};
    use std::collections::BTreeMap;

    const IMAGE: &str = "envctl/lab:0123456789ab";

    fn view(shm: u64) -> SpecView {
        SpecView::new(&ContainerSpec { shm_size: Some(shm << 30), ..ContainerSpec::default() })
    }

    fn image(id: &str) -> ImageState {
        let id = ImageId(id.to_owned());
        ImageState {
            id,
            repo_digests: Vec::new(),
            labels: BTreeMap::new(),
            env: Vec::new(),
            on_build: Vec::new(),
            size: 0,
        }
    }

    fn container(status: ContainerStatus) -> ContainerState {
        ContainerState {
            id: ContainerId("c1".to_owned()),
            name: "envctl-lab-1a2b3c4d".to_owned(),
            image: ImageId("sha256:new".to_owned()),
            image_reference: IMAGE.to_owned(),
            env: Vec::new(),
            labels: BTreeMap::from([(SPEC_LABEL.to_owned(), view(8).hash())]),
            status,
            first_process: 0,
            started_at: String::new(),
            ports: Vec::new(),
            volumes: Vec::new(),
            binds: Vec::new(),
            error: String::new(),
        }
    }

    fn running() -> Observed {
        Observed {
            image: Some(image("sha256:new")),
            container: Some(container(ContainerStatus::Running)),
            view: Some(view(8)),
            ssh_files: Some("keys".to_owned()),
        }
    }

    fn told(shm: u64, observed: &Observed, wanted: PlanOptions) -> String {
        let view = view(shm);
        let target = PlanTarget { image: IMAGE, view: &view, ssh_files: Some("keys"), publishes: false };
        let plan = plan(&target, observed, wanted);
        let line = |step: &PlanStep| format!("{:?}: {}", step.action, serde_json::to_string(&step.reason).unwrap());
        plan.steps.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn with(change: impl FnOnce(&mut Observed)) -> String {
        let mut observed = running();
        change(&mut observed);
        told(8, &observed, PlanOptions::default())
    }

    #[test]
    fn nothing_changed_nothing_to_do() {
        assert_eq!(told(8, &running(), PlanOptions::default()), "");
    }

    #[test]
    fn first_time() {
        insta::assert_snapshot!(told(8, &Observed::default(), PlanOptions::default()), @r#"
        Build: {"kind":"no-image"}
        Create: {"kind":"no-container"}
        Upload: {"kind":"made"}
        Start: {"kind":"made"}
        "#);
    }

    #[test]
    fn the_image_is_there_and_no_container() {
        insta::assert_snapshot!(with(|o| o.container = None), @r#"
        Create: {"kind":"no-container"}
        Upload: {"kind":"made"}
        Start: {"kind":"made"}
        "#);
    }

    #[test]
    fn stopped() {
        let stopped = with(|o| o.container = Some(container(ContainerStatus::Exited { code: 137 })));
        insta::assert_snapshot!(stopped, @r#"Start: {"kind":"stopped","code":137}"#);
    }

    #[test]
    fn never_started() {
        insta::assert_snapshot!(with(|o| o.container = Some(container(ContainerStatus::Created))), @r#"
        Remove: {"kind":"half-made"}
        Create: {"kind":"half-made"}
        Upload: {"kind":"made"}
        Start: {"kind":"made"}
        "#);
    }

    #[test]
    fn another_image_is_built_before_the_container_goes() {
        let changed = with(|o| {
            o.image = None;
            o.container.as_mut().unwrap().image_reference = "envctl/lab:old".to_owned();
        });
        insta::assert_snapshot!(changed, @r#"
        Build: {"kind":"no-image"}
        Remove: {"kind":"image-changed","from":"envctl/lab:old","to":"envctl/lab:0123456789ab"}
        Create: {"kind":"image-changed","from":"envctl/lab:old","to":"envctl/lab:0123456789ab"}
        Upload: {"kind":"made"}
        Start: {"kind":"made"}
        "#);
    }

    #[test]
    fn the_same_reference_with_other_content() {
        let changed = with(|o| o.image = Some(image("sha256:newer")));
        assert!(changed.starts_with(r#"Remove: {"kind":"image-changed""#), "{changed}");
    }

    #[test]
    fn other_settings_are_shown_field_by_field() {
        let changed = told(16, &running(), PlanOptions::default());
        insta::assert_snapshot!(changed.lines().next().unwrap(), @r#"Remove: {"kind":"settings-changed","changes":[{"field":"shm-size","from":["8g"],"to":["16g"]}]}"#);
        let mut forgotten = running();
        forgotten.view = None;
        let changed = told(16, &forgotten, PlanOptions::default());
        insta::assert_snapshot!(changed.lines().next().unwrap(), @r#"Remove: {"kind":"settings-changed","changes":[]}"#);
    }

    #[test]
    fn other_keys_need_no_new_container() {
        insta::assert_snapshot!(with(|o| o.ssh_files = None), @r#"Upload: {"kind":"keys-changed"}"#);
    }

    #[test]
    fn asked_for() {
        let rebuild = told(8, &running(), PlanOptions { rebuild: true, ..PlanOptions::default() });
        assert!(rebuild.starts_with("Build: {\"kind\":\"asked\"}\nRemove:"), "{rebuild}");
        let recreate = told(8, &running(), PlanOptions { recreate: true, ..PlanOptions::default() });
        assert!(recreate.starts_with("Remove: {\"kind\":\"asked\"}"), "{recreate}");
    }

    #[test]
    fn a_container_without_its_network_is_made_again() {
        let reconnected = told(8, &running(), PlanOptions { reconnect: true, ..PlanOptions::default() });
        assert!(reconnected.starts_with("Remove: {\"kind\":\"network-gone\"}"), "{reconnected}");
        let view = view(8);
        let target = PlanTarget { image: IMAGE, view: &view, ssh_files: Some("keys"), publishes: true };
        let cut_off = plan(&target, &running(), PlanOptions::default());
        assert_eq!(cut_off.steps[0].reason, Reason::NetworkGone);
    }
}
