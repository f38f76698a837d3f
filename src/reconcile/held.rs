//! Checks, just before the engine starts a container, that the mount sources are still the ones the user agreed to.
//!
//! The engine looks the sources up by name, so another process can replace them after the user's consent, also
//! between the check and the engine's own look. So the entrypoint compares the mounted directories at every start,
//! the engine's own restarts too, before it runs anything. Code that is root in its container could change the
//! entrypoint, so an environment does not start beside another one that mounts a directory above its sources.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::desired::ID_LABEL;
use super::mount_error::{MountError, MountProblem};
use super::mounts::{DirectoryIdentity, HELD_DIRECTORIES, HeldDirectory, Mounts};
use crate::engine::{ContainerLife, ContainerState, ContainerStatus, HostPath, MountKind};
use crate::error::Error;
use crate::event::Sink;
use crate::files::look_without_links;
use crate::manifest::Manifest;
use crate::project::{MANIFEST, take_start_turn};
use crate::system::System;

/// Checks that every source which the engine will look up by name exists and has no links. The sources were written
/// without links, so a link now leads to another place than the user agreed to.
pub fn check<'a>(binds: impl IntoIterator<Item = &'a str>) -> Result<(), MountError> {
    for path in binds.into_iter().map(PathBuf::from) {
        match std::fs::canonicalize(&path) {
            Ok(now) if now == path => {}
            Ok(now) => return Err(MountProblem::Moved { path, now }.into()),
            Err(_) => return Err(MountProblem::Missing { path }.into()),
        }
    }
    Ok(())
}

/// Returns the directories that will be mounted, as they are now at the paths that the user agreed to. A file gets
/// another inode number from every editor, so no file is among them.
///
/// # Errors
/// A source is missing, or a link is on the way to it.
pub fn identify_directories(mounts: &Mounts) -> Result<Vec<HeldDirectory>, MountError> {
    let mut directories = Vec::new();
    for spec in mounts.specs.iter().filter(|spec| spec.kind == MountKind::Bind) {
        if let Some(identity) = identify(Path::new(&spec.source))? {
            directories.push(HeldDirectory { target: spec.target.clone(), identity });
        }
    }
    Ok(directories)
}

/// Returns what identifies the directory at a path; `None` for a file.
fn identify(path: &Path) -> Result<Option<DirectoryIdentity>, MountProblem> {
    let (found, file_system) = look_without_links(path).map_err(|_| match std::fs::canonicalize(path) {
        Ok(now) => MountProblem::Moved { path: path.to_path_buf(), now },
        Err(_) => MountProblem::Missing { path: path.to_path_buf() },
    })?;
    let birth = found.created().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    let identity = DirectoryIdentity {
        file_system: Some(file_system).filter(|id| *id != 0),
        device: found.dev(),
        inode: found.ino(),
        // File systems without this time report zero.
        birth: birth.filter(|birth| !birth.is_zero()),
    };
    Ok(found.is_dir().then_some(identity))
}

/// Whether the directories at the sources of a container with these variables are still those that it was created
/// with. `true` as well for a container of an earlier version, which does not compare.
#[must_use]
pub fn are_same_directories(binds: &[HostPath], env: &[String]) -> bool {
    let Some(held) = variable(env, HELD_DIRECTORIES) else { return true };
    let now = binds.iter().map(|bind| identify(Path::new(&bind.path)));
    let Ok(now) = now.collect::<Result<Vec<_>, _>>() else { return false };
    let now: BTreeSet<String> = now.into_iter().flatten().map(|identity| identity.to_string()).collect();
    let then = held.lines().map(|line| line.splitn(5, ' ').take(4).collect::<Vec<_>>().join(" "));
    now == then.collect()
}

/// Checks the other environments again and starts a container, with no start of another environment of this user in
/// between. Without turns, two that start at the same moment both see the other one stopped.
///
/// # Errors
/// Another environment can exchange a mount source, or the engine refuses the start.
pub async fn start_in_turn(
    engine: &impl ContainerLife,
    system: &System,
    container: &str,
    binds: &[HostPath],
    env: &[String],
    sink: &dyn Sink,
) -> Result<(), Error> {
    let _turn = take_start_turn(system, sink).await?;
    check_neighbours(engine, container, binds, compares(env)).await?;
    Ok(engine.start(container).await?)
}

/// Checks a stopped container before its start.
pub async fn check_container(engine: &impl ContainerLife, container: &ContainerState) -> Result<(), Error> {
    check(container.binds.iter().map(|bind| bind.path.as_str()))?;
    check_neighbours(engine, &container.name, &container.binds, compares(&container.env)).await
}

/// Whether the entrypoint of a container with these variables compares the directories, and no code inside can change
/// it.
#[must_use]
pub fn compares(env: &[String]) -> bool {
    variable(env, HELD_DIRECTORIES).is_some() && variable(env, "ENVCTL_UID").is_some_and(|uid| uid != "0")
}

fn variable<'a>(env: &'a [String], name: &str) -> Option<&'a str> {
    env.iter().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Checks that no other environment can exchange a source of the container `own`, and that `own` can exchange none of
/// an environment that the engine starts by itself. A container that compares its directories needs no such check.
pub async fn check_neighbours(
    engine: &impl ContainerLife,
    own: &str,
    binds: &[HostPath],
    compares_own: bool,
) -> Result<(), Error> {
    let others = engine.list(&[(ID_LABEL, None)]).await?;
    for other in others.iter().filter(|other| other.name != own) {
        let held = exchangeable(binds, &other.binds).filter(|_| !compares_own);
        let holds = exchangeable(&other.binds, binds);
        if held.is_none() && holds.is_none() {
            continue;
        }
        let Some(state) = engine.inspect(&other.id.0).await? else { continue };
        // Another `up` may be about to start a container that it created.
        let runs = !matches!(state.status, ContainerStatus::Exited { .. } | ContainerStatus::Dead);
        let container = other.name.clone();
        if let Some((path, outer)) = held.filter(|_| runs || state.restarts) {
            return Err(MountError::from(MountProblem::HeldByAnother { path, outer, container }).into());
        }
        if let Some((path, outer)) = holds.filter(|_| state.restarts && !compares(&state.env)) {
            return Err(MountError::from(MountProblem::HoldsAnother { path, outer, container }).into());
        }
    }
    Ok(())
}

/// Returns a source that code with one of these directories could exchange, and that directory.
fn exchangeable(sources: &[HostPath], directories: &[HostPath]) -> Option<(PathBuf, PathBuf)> {
    let writable = directories.iter().filter(|directory| directory.is_writable);
    let pairs = writable.flat_map(|directory| sources.iter().map(move |source| (&source.path, &directory.path)));
    let above =
        |(source, directory): &(&String, &String)| source != directory && Path::new(source).starts_with(directory);
    pairs.filter(above).map(|(source, directory)| (source.into(), directory.into())).next()
}

/// Nobody checks before the engine restarts a container automatically. So no source may then be in another project's
/// directory, because that project's environment could replace it.
pub fn check_restarts(manifest: &Manifest, mounts: &Mounts) -> Result<(), MountError> {
    for path in mounts.binds().map(Path::new) {
        let mut above = path.ancestors().skip(1);
        if let Some(outer) = above.find(|directory| directory.join(MANIFEST).symlink_metadata().is_ok()) {
            let problem = MountProblem::UnheldWithin { path: path.to_path_buf(), outer: outer.to_path_buf() };
            return Err(MountError::new(problem, manifest, None));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::Fake;
    use crate::engine::{ContainerSpec, MountSpec};
    use crate::error::Report;
    use crate::event::Silent;

    #[tokio::test(flavor = "current_thread")]
    async fn a_start_waits_for_its_turn() {
        let home = tempfile::tempdir().unwrap();
        let mut system = System::for_tests();
        system.variables.insert("HOME".to_owned(), home.path().display().to_string());
        let fake = Fake::new();
        let spec = ContainerSpec { name: "lab".to_owned(), image: "debian:12".to_owned(), ..ContainerSpec::default() };
        fake.create(&spec).await.unwrap();
        let calls = || fake.calls.borrow().clone();
        let before = calls();
        let turn = take_start_turn(&system, &Silent).await.unwrap();
        let start = start_in_turn(&fake, &system, "lab", &[], &[], &Silent);
        let release = async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            // Neither the look at the others nor the start comes before the turn.
            assert_eq!(calls(), before);
            drop(turn);
        };
        tokio::join!(start, release).0.unwrap();
        assert!(calls().iter().any(|call| call.starts_with("start")), "{:?}", calls());
    }

    #[test]
    fn what_is_above_a_source_can_exchange_it_if_it_can_be_written() {
        let of = |path: &str, is_writable| HostPath { path: path.to_owned(), is_writable };
        let found = |source, directory, writable| exchangeable(&[of(source, false)], &[of(directory, writable)]);
        assert!(found("/srv/lab/sub", "/srv/lab", true).is_some());
        for (source, directory, writable) in
            [("/srv/lab", "/srv/lab", true), ("/srv/lab/sub", "/srv/lab", false), ("/srv/lab", "/srv/lab/sub", true)]
        {
            assert_eq!(found(source, directory, writable), None, "{source} {directory}");
        }
    }

    #[test]
    fn only_an_entrypoint_that_no_code_inside_can_change_compares() {
        let of = |env: &[&str]| compares(&env.iter().map(|&pair| pair.to_owned()).collect::<Vec<_>>());
        assert!(of(&["ENVCTL_UID=1000", "ENVCTL_HELD=7 /workspace"]));
        assert!(!of(&["ENVCTL_UID=0", "ENVCTL_HELD=7 /workspace"]), "root inside");
        assert!(!of(&["ENVCTL_HELD=7 /workspace"]), "root inside, too");
        assert!(!of(&["ENVCTL_UID=1000"]), "an earlier version made it");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test asks the program that the entrypoint uses")]
    fn a_directory_is_identified_and_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::write(root.join("file"), "").unwrap();
        std::fs::create_dir(root.join("data")).unwrap();
        let mounts = |sources: &[&str]| Mounts {
            specs: sources
                .iter()
                .map(|source| MountSpec {
                    kind: MountKind::Bind,
                    source: root.join(source).display().to_string(),
                    target: format!("/{source}"),
                    read_only: false,
                })
                .collect(),
            ..Mounts::default()
        };
        let found = identify_directories(&mounts(&["data", "file"])).unwrap();
        let [HeldDirectory { target, identity }] = &found[..] else { panic!("{found:?}") };
        let meta = root.join("data").metadata().unwrap();
        assert_eq!(target, "/data");
        assert_eq!((identity.device, identity.inode), (meta.dev(), meta.ino()));
        let stat = |arguments: &[&str]| {
            let output = std::process::Command::new("stat").args(arguments).arg(root.join("data")).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
        };
        let seen = format!("{} {}", stat(&["-f", "-c", "%i"]), stat(&["-c", "%d %i %.9W"]));
        assert_eq!(identity.to_string(), seen, "as the entrypoint sees it");

        // A link that was put there is not followed, wherever it leads.
        std::os::unix::fs::symlink("data", root.join("link")).unwrap();
        let refused = identify_directories(&mounts(&["link"])).unwrap_err();
        assert_eq!(refused.kind(), "mount-moved");
    }

    #[test]
    fn another_directory_of_the_same_name_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().canonicalize().unwrap().join("data");
        std::fs::create_dir(&data).unwrap();
        let identity = identify(&data).unwrap().unwrap();
        let binds = [HostPath { path: data.display().to_string(), is_writable: false }];
        let env = [format!("{HELD_DIRECTORIES}={identity} /data set")];
        assert!(are_same_directories(&binds, &env));
        std::fs::rename(&data, data.with_file_name("old")).unwrap();
        std::fs::create_dir(&data).unwrap();
        assert!(!are_same_directories(&binds, &env));
    }

    #[test]
    fn a_link_in_the_place_of_a_source_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let data = root.join("data");
        std::fs::create_dir(&data).unwrap();
        let kind = || check([data.to_str().unwrap()]).map_err(|error| error.kind());
        assert_eq!(kind(), Ok(()));
        std::fs::remove_dir(&data).unwrap();
        assert_eq!(kind(), Err("mount-missing"));
        std::os::unix::fs::symlink("/", &data).unwrap();
        assert_eq!(kind(), Err("mount-moved"));
    }
}
