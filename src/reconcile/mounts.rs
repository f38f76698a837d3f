//! Decides how each mount of a manifest reaches its target. Pure.
//!
//! The engine looks up the source of a bind mount by name at every start, including its own restarts, and follows
//! links. So the engine never looks up a source below a directory that code in the container can write. Its target
//! becomes a link *inside* the container, to the place where that directory is mounted already. If code replaces a
//! file there later, the link is followed inside the container and reaches nothing of the host. A read-only mount
//! uses a second, read-only mount of that directory.
//!
//! The engine's runtime also follows links on the way to a *target*, as root. So nothing is mounted at a target below
//! a directory that the container's user can write (the home, the project). It is mounted at a path of envctl's own,
//! and the target is a link to it. The entrypoint creates the links at every start. Nothing is mounted above the
//! home, because root also looks up the home by its name. Nothing is mounted inside a read-only mount, because a link
//! may be there already. A target in a directory where an image may have links of its own is reached in the same way.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::identity::Identity;
use super::mount_error::{MountError, MountProblem};
use crate::engine::{HostPath, MountKind, MountSpec};
use crate::grants::Agreed;
use crate::manifest::{Manifest, MountSource, Restart, host_path, system_place};

/// The directory in the container for second, read-only mounts.
const READ_ONLY: &str = "/opt/envctl/read-only";

/// The directory in the container for mounts with a target that the container's user could replace.
const HELD: &str = "/opt/envctl/mounts";

/// The variable with the directories for the entrypoint, one in each line: file system, device, inode,
/// birth, target.
pub const HELD_DIRECTORIES: &str = "ENVCTL_HELD";

/// One requested mount. The order is the project, the manifest's mounts, its tmpfs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountRequest {
    pub source: Source,
    /// The target in the container.
    pub target: String,
    pub read_only: bool,
    /// The position in `[run] mounts`, from 0; `None` for the project and for tmpfs.
    pub index: Option<usize>,
}

/// The source of a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A path on the host, with its links resolved.
    Host(PathBuf),
    /// A volume of the engine.
    Volume(String),
    Memory,
}

/// The facts that decide, in addition to the mounts themselves.
#[derive(Clone, Debug)]
pub struct MountContext<'a> {
    /// The manifest's directory on the host.
    pub project: &'a Path,
    /// The home directory in the container.
    pub home: &'a str,
    /// Whether the container's user is root.
    pub is_root: bool,
    /// Whether the engine restarts the container automatically.
    pub restarts: bool,
    /// Whether the home directory is a separate volume.
    pub keeps_home: bool,
}

/// A link in the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The path of the link.
    pub target: String,
    /// The path it leads to.
    pub place: String,
}

/// What tells a directory of the host from every other one, the same on the host and in the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryIdentity {
    /// The ID of the file system, which most keep over a boot; `None` for one without an ID.
    pub file_system: Option<u64>,
    /// The number of the file system's device, which may be another one after a boot.
    pub device: u64,
    /// The inode number.
    pub inode: u64,
    /// The time of its creation, in seconds and nanoseconds since 1970; `None` on a file system that keeps none.
    pub birth: Option<Duration>,
}

impl fmt::Display for DirectoryIdentity {
    /// Four words for the entrypoint, as `stat` prints them: `9a3bd2a4c7e0f1d2 65024 246951 1795760177.232751598`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x} {} {} ", self.file_system.unwrap_or_default(), self.device, self.inode)?;
        match self.birth {
            Some(birth) => write!(f, "{}.{:09}", birth.as_secs(), birth.subsec_nanos()),
            None => f.write_str("-"),
        }
    }
}

/// A mounted directory of the host. The entrypoint compares it before it runs anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDirectory {
    /// The path in the container.
    pub target: String,
    pub identity: DirectoryIdentity,
}

/// The arrangement of all mounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mounts {
    /// The mounts for the engine.
    pub specs: Vec<MountSpec>,
    /// The tmpfs targets for the engine.
    pub tmpfs: Vec<String>,
    /// The links for the entrypoint, outer directories first.
    pub links: Vec<Link>,
    /// Mount points of volumes that the user will own.
    pub volumes: Vec<String>,
    /// The host's directories as the user agreed to them. They are looked up after the arrangement.
    pub directories: Vec<HeldDirectory>,
    /// `SOURCE:TARGET`, for people.
    pub shown: Vec<String>,
}

impl MountRequest {
    /// Returns all mounts of a manifest, as paths of this host and this container.
    ///
    /// # Errors
    /// A source does not exist.
    pub fn of(agreed: &Agreed<'_>, project: &Path, home: &Path, identity: &Identity) -> Result<Vec<Self>, MountError> {
        let manifest = agreed.manifest();
        let run = &manifest.run;
        let inside = |path: &crate::manifest::ContainerPath| path.in_home(&identity.home);
        let source = Source::Host(project.to_path_buf());
        let project_itself =
            run.project.as_ref().map(|at| Self { source, target: inside(at), read_only: false, index: None });
        let mut asked: Vec<Self> = project_itself.into_iter().collect();
        for (index, mount) in run.mounts.iter().enumerate() {
            let source = match &mount.value.source {
                MountSource::Volume(name) => Source::Volume(name.clone()),
                MountSource::Path(path) => {
                    let path = host_path(path, project, home);
                    let Some(real) = agreed.mount_source(&path) else {
                        return Err(MountError::new(MountProblem::Missing { path }, manifest, Some(index)));
                    };
                    Source::Host(real.to_path_buf())
                }
            };
            let target = inside(&mount.value.target);
            asked.push(Self { source, target, read_only: mount.value.read_only, index: Some(index) });
        }
        let memory = run.tmpfs.iter().map(|at| inside(&at.value));
        asked.extend(memory.map(|target| Self { source: Source::Memory, target, read_only: false, index: None }));
        Ok(asked)
    }

    fn host(&self) -> Option<&Path> {
        match &self.source {
            Source::Host(path) => Some(path),
            Source::Volume(_) | Source::Memory => None,
        }
    }

    fn shown(&self) -> String {
        let source = match &self.source {
            Source::Host(path) => path.display().to_string(),
            Source::Volume(name) => name.clone(),
            Source::Memory => String::new(),
        };
        format!("{source}:{}{}", self.target, if self.read_only { ":ro" } else { "" })
    }
}

impl Mounts {
    /// Arranges a manifest's mounts on this host.
    ///
    /// # Errors
    /// A source does not exist, or a mount cannot be made safe.
    pub fn of(agreed: &Agreed<'_>, project: &Path, home: &Path, identity: &Identity) -> Result<Self, MountError> {
        let manifest = agreed.manifest();
        let asked = MountRequest::of(agreed, project, home, identity)?;
        let setting = MountContext {
            project,
            home: &identity.home,
            is_root: identity.uid == 0,
            restarts: restarts(manifest),
            keeps_home: manifest.run.persist_home,
        };
        arrange_mounts(&asked, &setting).map_err(|(index, problem)| MountError::new(problem, manifest, index))
    }

    /// Returns the same sources, and whether the container can write them.
    #[must_use]
    pub fn host_paths(&self) -> Vec<HostPath> {
        let binds = self.specs.iter().filter(|spec| spec.kind == MountKind::Bind);
        binds.map(|spec| HostPath { path: spec.source.clone(), is_writable: !spec.read_only }).collect()
    }

    /// Returns the sources that the engine looks up by name at every start.
    pub fn binds(&self) -> impl Iterator<Item = &str> {
        self.specs.iter().filter(|spec| spec.kind == MountKind::Bind).map(|spec| spec.source.as_str())
    }
}

/// Whether the engine restarts the container automatically.
#[must_use]
pub fn restarts(manifest: &Manifest) -> bool {
    manifest.run.restart.as_ref().is_some_and(|restart| restart.value != Restart::No)
}

/// Arranges all mounts. The error contains the position in `[run] mounts`.
pub fn arrange_mounts(
    asked: &[MountRequest],
    setting: &MountContext<'_>,
) -> Result<Mounts, (Option<usize>, MountProblem)> {
    let mut mounts = Mounts::default();
    for (at, one) in asked.iter().enumerate() {
        let wrong = |problem| (one.index, problem);
        let (place, is_link) = place_mount(asked, at, setting);
        check_mounts(asked, at, setting, &place, is_link).map_err(wrong)?;
        match outermost(asked, at) {
            Some(outer) if one.read_only => mount_read_only(asked, outer, &mut mounts).map_err(wrong)?,
            Some(_) => {}
            None => add_mount(one, &place, &mut mounts).map_err(wrong)?,
        }
        if is_link && place != one.target {
            // By the name that is no link itself, so that root can make it.
            let target = system_place::named(Path::new(&one.target)).to_string_lossy().into_owned();
            mounts.links.push(Link { target, place });
        }
        if one.source != Source::Memory {
            mounts.shown.push(format!("{}{}", one.shown(), if is_link { " (a link)" } else { "" }));
        }
    }
    mounts.links.sort_by_key(|link| link.target.matches('/').count());
    Ok(mounts)
}

/// Returns the outermost writable host directory above a source: a lookup of the source's name would go through it.
fn outermost(asked: &[MountRequest], at: usize) -> Option<usize> {
    let source = asked[at].host()?;
    let holds = |other: &MountRequest| !other.read_only && other.host().is_some_and(|path| below(source, path));
    let holding = asked.iter().enumerate().filter(|(_, other)| holds(other));
    holding.min_by_key(|(_, other)| other.host().map(|path| path.components().count())).map(|(other, _)| other)
}

/// Returns a path that leads through nothing that the container's user can write, and whether the target is a link to
/// it.
fn place_mount(asked: &[MountRequest], at: usize, setting: &MountContext<'_>) -> (String, bool) {
    let one = &asked[at];
    if let Some(outer) = outermost(asked, at) {
        let base = if one.read_only { read_only_place(asked, outer) } else { place_mount(asked, outer, setting).0 };
        let sub = one.host().zip(asked[outer].host()).and_then(|(path, outer)| path.strip_prefix(outer).ok());
        return (format!("{base}/{}", sub.unwrap_or(Path::new("")).display()), true);
    }
    if is_exchangeable(asked, at, setting) || !setting.is_root && !has_plain_way(&one.target, setting.home) {
        (format!("{HELD}/{}", mount_name(asked, at)), true)
    } else {
        (one.target.clone(), false)
    }
}

/// Directories that are no links in any image, and that no package puts a link into.
const PLAIN: [&str; 5] = ["/", "/dev", "/media", "/mnt", "/srv"];

/// Directories in which all users, root too, make temporary files: nobody may exchange what others make there.
const SHARED: [&str; 2] = ["/tmp", "/var/tmp"];

/// Whether no link of the image can be on the way to a target: a package's link or an alias of the
/// distribution (`/var/run`) would lead the engine to another place. What covers the system's own files was agreed to
/// as it is, and clients look for it there.
fn has_plain_way(target: &str, home: &str) -> bool {
    let is_plain = |parent: &Path| PLAIN.iter().any(|plain| parent == Path::new(plain));
    let path = Path::new(target);
    target == home || SHARED.contains(&target) || path.parent().is_some_and(is_plain) || system_place::is_systems(path)
}

/// Whether the container's user could put a link on the way to a target.
fn is_exchangeable(asked: &[MountRequest], at: usize, setting: &MountContext<'_>) -> bool {
    let target = Path::new(&asked[at].target);
    below(target, Path::new(setting.home)) || asked.iter().any(|other| is_inside(target, other))
}

/// Whether a target is inside another mount, by whichever name of the place.
fn is_inside(target: &Path, other: &MountRequest) -> bool {
    below(&system_place::named(target), &system_place::named(Path::new(&other.target)))
}

/// Returns the read-only mount that a target lies in.
fn read_only_around<'a>(asked: &'a [MountRequest], target: &Path) -> Option<&'a MountRequest> {
    asked.iter().find(|other| other.read_only && is_inside(target, other))
}

fn below(path: &Path, directory: &Path) -> bool {
    path != directory && path.starts_with(directory)
}

/// Returns the name of a mount below envctl's own directory.
fn mount_name(asked: &[MountRequest], at: usize) -> String {
    match (&asked[at].source, asked[at].index) {
        (Source::Host(_), None) => "project".to_owned(),
        _ => at.to_string(),
    }
}

fn read_only_place(asked: &[MountRequest], outer: usize) -> String {
    format!("{READ_ONLY}/{}", mount_name(asked, outer))
}

fn add_mount(one: &MountRequest, place: &str, mounts: &mut Mounts) -> Result<(), MountProblem> {
    let (kind, source) = match &one.source {
        Source::Memory => {
            mounts.tmpfs.push(place.to_owned());
            return Ok(());
        }
        Source::Host(path) => (MountKind::Bind, spoken(path)?),
        Source::Volume(name) => (MountKind::Volume, name.clone()),
    };
    if kind == MountKind::Volume && !one.read_only {
        mounts.volumes.push(place.to_owned());
    }
    mounts.specs.push(MountSpec { kind, source, target: place.to_owned(), read_only: one.read_only });
    Ok(())
}

/// Adds a second, read-only mount of a directory, if it is missing.
fn mount_read_only(asked: &[MountRequest], outer: usize, mounts: &mut Mounts) -> Result<(), MountProblem> {
    let target = read_only_place(asked, outer);
    if mounts.specs.iter().any(|spec| spec.target == target) {
        return Ok(());
    }
    let source = spoken(asked[outer].host().unwrap_or(Path::new("/")))?;
    mounts.specs.push(MountSpec { kind: MountKind::Bind, source, target, read_only: true });
    Ok(())
}

/// Returns a path as text that the engine's protocol and the entrypoint's lines can hold.
fn spoken(path: &Path) -> Result<String, MountProblem> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control));
    text.map(str::to_owned).ok_or_else(|| MountProblem::Unquotable { path: path.to_path_buf() })
}

fn check_mounts(
    asked: &[MountRequest],
    at: usize,
    setting: &MountContext<'_>,
    place: &str,
    is_link: bool,
) -> Result<(), MountProblem> {
    let one = &asked[at];
    let target = Path::new(&one.target);
    // In the home, everything belongs to the user; root's home belongs to root.
    let is_at_home = target.starts_with(setting.home);
    if !is_at_home && system_place::holds_system(target) {
        return Err(MountProblem::System { target: one.target.clone() });
    }
    if !setting.is_root
        && SHARED.contains(&one.target.as_str())
        && one.host().is_some_and(|path| path.starts_with(setting.project))
    {
        return Err(MountProblem::Roots { target: one.target.clone() });
    }
    let is_free =
        is_at_home || setting.is_root && system_place::is_of_engine(target) || !system_place::is_systems(target);
    if !is_free && !is_trusted(asked, at, setting) {
        return Err(MountProblem::Roots { target: one.target.clone() });
    }
    // The directory may contain a link already, which the engine follows as root; and nobody can make a link in it.
    if let Some(outer) = read_only_around(asked, target) {
        return Err(MountProblem::InReadOnly { target: one.target.clone(), outer: outer.target.clone() });
    }
    // Root and the engine look up the home by its name at every start.
    if below(Path::new(setting.home), target) {
        return Err(MountProblem::AboveHome { target: one.target.clone(), home: setting.home.to_owned() });
    }
    if (is_link || setting.keeps_home) && one.target == setting.home {
        return Err(MountProblem::Home { target: one.target.clone() });
    }
    let Some(source) = one.host() else { return Ok(()) };
    spoken(source)?;
    if let Some(outer) = outermost(asked, at) {
        let outer = &asked[outer].target;
        if place != one.target && below(target, Path::new(outer)) {
            return Err(MountProblem::Within { target: one.target.clone(), outer: outer.clone() });
        }
        return Ok(());
    }
    if one.index.is_some() && source.starts_with(setting.project) && setting.restarts {
        return Err(MountProblem::Unheld { path: source.to_path_buf() });
    }
    Ok(())
}

/// Whether a mount may cover the system's own files. It must be a host path that the user named and agreed to. The
/// container's user must not be able to write it, neither at its target nor through another mount. The socket of the
/// host's engine is an exception, because it is used by writing.
fn is_trusted(asked: &[MountRequest], at: usize, setting: &MountContext<'_>) -> bool {
    let one = &asked[at];
    let Some(source) = one.host() else { return false };
    let elsewhere = asked.iter().enumerate().any(|(other_at, other)| {
        let overlaps = |path: &Path| source.starts_with(path) || path.starts_with(source);
        other_at != at && !other.read_only && other.host().is_some_and(overlaps)
    });
    let is_socket = system_place::is_engine_socket(Path::new(&one.target));
    !source.starts_with(setting.project) && (setting.is_root || is_socket || one.read_only && !elsewhere)
}

#[cfg(test)]
mod tests;
