//! Compares the desired container with the observed one and lists the fewest steps, each with its reason. Pure.
//!
//! The verb `plan` prints the result and `up` carries it out.

use serde::Serialize;

use super::view::{FieldChange, SpecView};
use crate::engine::{ContainerState, ContainerStatus, ImageState};

/// The label with the hash of the container's settings.
pub const SPEC_LABEL: &str = "envctl.spec";

/// The desired state, as far as it decides the plan.
#[derive(Clone, Debug)]
pub struct PlanTarget<'a> {
    /// The image's reference.
    pub image: &'a str,
    /// The desired settings of the container.
    pub view: &'a SpecView,
    /// The hash of the SSH server's files; `None` without an SSH server.
    pub ssh_files: Option<&'a str>,
    /// Whether it publishes ports on the host.
    pub publishes: bool,
}

/// The observed state.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The image with the target's reference.
    pub image: Option<ImageState>,
    /// The environment's container.
    pub container: Option<ContainerState>,
    /// The container's settings, if this host stores them.
    pub view: Option<SpecView>,
    /// The hash of the SSH server's files at the last upload.
    pub ssh_files: Option<String>,
}

/// The user's requests for more steps than necessary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// `--no-cache` or `--pull`.
    pub rebuild: bool,
    /// `--recreate`
    pub recreate: bool,
    /// Whether the engine reported just now that the container's network is missing.
    pub reconnect: bool,
}

/// The steps, in order.
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

/// The action of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Build the image.
    Build,
    /// Stop the container if it runs, and remove it.
    Remove,
    /// Create a container.
    Create,
    /// Upload the SSH server's files into its volume.
    Upload,
    /// Start the container.
    Start,
}

/// The reason for a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// The engine has no image for the present manifest and lock.
    NoImage,
    /// The command line requests it.
    Asked,
    /// The container does not exist.
    NoContainer,
    /// The container was made from another image.
    ImageChanged {
        /// The old reference.
        from: String,
        /// The new reference.
        to: String,
    },
    /// The container was made with other settings. The list is empty if this host does not store the old ones.
    SettingsChanged {
        /// The changes by field.
        changes: Vec<FieldChange>,
    },
    /// An earlier attempt left the container: it never started, or the engine lost it.
    HalfMade,
    /// The container's network is missing, or the container was disconnected from it.
    NetworkGone,
    /// The container was created just now.
    Made,
    /// The container ended with this exit code.
    Stopped {
        /// The exit code of its main process.
        code: i64,
    },
    /// The keys or settings of the SSH server differ from those in the container.
    KeysChanged,
}

impl Plan {
    /// Whether the plan has no steps.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether the plan contains this action.
    #[must_use]
    pub fn has(&self, action: Action) -> bool {
        self.steps.iter().any(|step| step.action == action)
    }

    /// Puts the steps of an earlier, interrupted plan before those of this one: together, the steps that were carried
    /// out.
    #[must_use]
    pub fn after(self, earlier: &Self) -> Self {
        let done = earlier.steps.iter().filter(|step| !self.has(step.action)).cloned();
        Self { steps: done.chain(self.steps.iter().cloned()).collect() }
    }

    /// Splits the plan before its first step that creates or starts a container.
    #[must_use]
    pub fn around_creation(&self) -> (Self, Self) {
        let creates = |step: &PlanStep| matches!(step.action, Action::Create | Action::Upload | Action::Start);
        let (before, after) = self.steps.split_at(self.steps.iter().position(creates).unwrap_or(self.steps.len()));
        (Self { steps: before.to_vec() }, Self { steps: after.to_vec() })
    }

    fn push(&mut self, action: Action, reason: Reason) {
        self.steps.push(PlanStep { action, reason });
    }
}

/// Returns the fewest steps from the observed to the desired state.
#[must_use]
pub fn plan(target: &PlanTarget<'_>, observed: &Observed, wanted: PlanOptions) -> Plan {
    let mut plan = Plan::default();
    match &observed.image {
        None => plan.push(Action::Build, Reason::NoImage),
        Some(_) if wanted.rebuild => plan.push(Action::Build, Reason::Asked),
        Some(_) => {}
    }
    let Some(container) = &observed.container else {
        plan_creation(&mut plan, Reason::NoContainer, target);
        return plan;
    };
    if let Some(reason) = why_anew(target, observed, container, wanted) {
        plan.push(Action::Remove, reason.clone());
        plan_creation(&mut plan, reason, target);
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

fn plan_creation(plan: &mut Plan, reason: Reason, target: &PlanTarget<'_>) {
    plan.push(Action::Create, reason);
    if target.ssh_files.is_some() {
        plan.push(Action::Upload, Reason::Made);
    }
    plan.push(Action::Start, Reason::Made);
}

/// Returns the reason to replace the existing container; `None` if it can stay. A container that never started comes
/// first: it is always replaced, and its old settings interest nobody.
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

/// Whether the container was disconnected from its network by hand: it runs and publishes none of its ports.
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
            first_process: None,
            started_at: None,
            ports: Vec::new(),
            volumes: Vec::new(),
            binds: Vec::new(),
            restarts: false,
        }
    }

    #[test]
    fn a_plan_is_split_where_the_engine_begins_to_look_sources_up() {
        let actions = |plan: &Plan| plan.steps.iter().map(|step| step.action).collect::<Vec<_>>();
        let split = |all: &[Action]| {
            let step = |action: &Action| PlanStep { action: *action, reason: Reason::Asked };
            let (before, after) = Plan { steps: all.iter().map(step).collect() }.around_creation();
            (actions(&before), actions(&after))
        };
        let (build, remove) = (Action::Build, Action::Remove);
        let made = [Action::Create, Action::Upload, Action::Start];
        assert_eq!(split(&[&[build, remove][..], &made].concat()), (vec![build, remove], made.to_vec()));
        assert_eq!(split(&[build]), (vec![build], Vec::new()));
        assert_eq!(split(&[Action::Start]), (Vec::new(), vec![Action::Start]));
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
