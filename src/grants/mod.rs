//! The grants that a project needs for anything outside its own directory and container, and the user's consent.
//!
//! A project may come from a stranger: a fresh clone can contain any manifest. Each value has an [`Origin`], and
//! every effect of a project's value on the host is a grant here: paths read or mounted, network settings, variables,
//! ports, volumes. [`required`] lists them all in one place. It destructures the manifest in full, so that a new key
//! does not compile until it is judged. [`Agreed`] is the proof of consent: code that acts on the host takes it, and
//! only [`agree`] makes it.
//!
//! Pure: [`Surroundings`] holds the necessary facts of the host.
//!
//! [`Origin`]: crate::manifest::Origin

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::manifest::{Manifest, Origin};

mod error;
mod grant;
mod kind;
mod required;

pub use error::GrantError;
pub use grant::Grant;
pub use kind::{GrantKind, Phase};
pub use required::{EnvFileName, Surroundings, gives_root, required};

/// A manifest whose wishes were agreed to, as far as a phase needs them. Only [`agree`] makes one.
#[derive(Clone, Debug)]
pub struct Agreed<'a> {
    manifest: &'a Manifest,
    mounts: BTreeMap<PathBuf, PathBuf>,
    variables: BTreeSet<String>,
    package_hosts: BTreeSet<String>,
    certificates: BTreeMap<PathBuf, String>,
    package_builds: bool,
}

impl<'a> Agreed<'a> {
    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &'a Manifest {
        self.manifest
    }

    /// Where a mount's source led, its links followed, when it was agreed to; none where nothing was there.
    #[must_use]
    pub fn mount_source(&self, path: &Path) -> Option<&Path> {
        self.mounts.get(path).map(PathBuf::as_path)
    }

    /// Whether an env file inside the project may take this variable of the caller's. A file that changed since it was
    /// judged gets no more than was agreed to then.
    #[must_use]
    pub fn covers_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Whether a requirements file of the project may name an address on this host.
    #[must_use]
    pub fn covers_package_host(&self, host: &str) -> bool {
        self.package_hosts.contains(host)
    }

    /// Whether a file of `[network] ca-certificates` may be trusted: what it holds now, by its digest, was agreed to. The
    /// caller's own files may hold anything.
    #[must_use]
    pub fn covers_certificates(&self, path: &Path, digest: &str) -> bool {
        let is_callers = matches!(self.manifest.network.ca_certificates.origin, Origin::Caller | Origin::Default);
        is_callers || self.certificates.get(path).is_some_and(|agreed| agreed == digest)
    }

    /// Whether packages without wheels may run their own code, where they are resolved and where they are installed.
    #[must_use]
    pub fn covers_package_builds(&self) -> bool {
        self.package_builds
    }

    /// For a manifest that is not a stranger's: envctl's own defaults and the caller's configuration.
    #[must_use]
    pub fn without_wishes(manifest: &'a Manifest) -> Option<Self> {
        let surroundings = Surroundings {
            project: Path::new("/nonexistent"),
            home: Path::new("/"),
            is_root: true,
            trusted: &[],
            socket: None,
            real: &Path::to_path_buf,
            mounts: &BTreeMap::new(),
            volumes: &BTreeSet::new(),
            variables: &[],
            package_hosts: &BTreeSet::new(),
            certificates: &BTreeMap::new(),
        };
        let consents = Consents { allowed: &[], remembered: &BTreeSet::new(), verb: "up" };
        agree(manifest, &surroundings, Phase::Run, consents, |_| false).ok().map(|(agreed, _)| agreed)
    }
}

/// What was agreed to before, and by the command line.
#[derive(Clone, Copy, Debug)]
pub struct Consents<'a> {
    /// `--allow` of this command.
    pub allowed: &'a [String],
    /// Tokens of earlier agreements.
    pub remembered: &'a BTreeSet<String>,
    /// The command, as its hints name it.
    pub verb: &'static str,
}

impl Consents<'_> {
    /// Those that are not agreed to.
    fn missing(&self, needed: Vec<Grant>) -> Vec<Grant> {
        let is_missing = |grant: &Grant| !grant.is_allowed(self.allowed) && !grant.is_remembered(self.remembered);
        let missing = needed.into_iter().filter(is_missing);
        missing.map(|grant| Grant { changed: grant.replaces_one_of(self.remembered), ..grant }).collect()
    }

    /// The first `--allow` that agrees to nothing: its name is no grant's, or the project does not ask for its value.
    fn check(&self, needed: &[Grant], phase: Phase) -> Result<(), GrantError> {
        for given in self.allowed {
            let kind = named(given)?;
            // What only a later phase looks up is not known yet.
            let is_known = kind.phase() <= phase && given.contains('=');
            if is_known && !needed.iter().any(|grant| grant.is_allowed(std::slice::from_ref(given))) {
                // What the overlay asks for is agreed to by another name.
                let is_near = |grant: &&Grant| grant.kind == kind || grant.name() == kind.name();
                let grants = needed.iter().filter(is_near).cloned().collect();
                return Err(GrantError::NothingAllowed { given: given.clone(), grants });
            }
        }
        Ok(())
    }
}

/// The kind of grant that a value of `--allow` names: `NAME`, or `NAME=VALUE`.
///
/// # Errors
/// There is no such grant.
pub fn named(given: &str) -> Result<GrantKind, GrantError> {
    let name = given.split_once('=').map_or(given, |(name, _)| name);
    let kind = GrantKind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| GrantError::NoSuchGrant { name: given.to_owned() })
}

/// What `phase` needs and nobody agreed to.
///
/// # Errors
/// A name that `--allow` does not know, a value of it that nothing asks for.
pub fn missing(
    manifest: &Manifest,
    surroundings: &Surroundings<'_>,
    phase: Phase,
    consents: Consents<'_>,
) -> Result<Vec<Grant>, GrantError> {
    let needed = required(manifest, surroundings, phase);
    consents.check(&needed, phase)?;
    Ok(consents.missing(needed))
}

/// The refusal of what nobody agreed to.
#[must_use]
pub fn refusal(manifest: &Manifest, grants: Vec<Grant>, verb: &'static str) -> GrantError {
    let at = grants.first().and_then(|grant| manifest.sources.snippet(grant.span.as_ref()?, "asked for here"));
    GrantError::NotGranted { grants, verb, at: at.into_iter().collect() }
}

/// Goes on where everything that `phase` needs is agreed to: by the command line, earlier, or by `ask` now. The tokens are
/// what has to be remembered.
///
/// # Errors
/// A name that `--allow` does not know, a value of it that nothing asks for, and whatever nobody agreed to.
pub fn agree<'a>(
    manifest: &'a Manifest,
    surroundings: &Surroundings<'_>,
    phase: Phase,
    consents: Consents<'_>,
    ask: impl FnOnce(&[Grant]) -> bool,
) -> Result<(Agreed<'a>, BTreeSet<String>), GrantError> {
    let needed = required(manifest, surroundings, phase);
    consents.check(&needed, phase)?;
    let mut tokens: BTreeSet<String> = needed.iter().map(Grant::token).collect();
    let builds = GrantKind::PackageBuilds.name();
    let package_builds = is_allowed(GrantKind::PackageBuilds, consents.allowed) || consents.remembered.contains(builds);
    tokens.extend(package_builds.then(|| builds.to_owned()));
    let missing = consents.missing(needed);
    if !missing.is_empty() && !ask(&missing) {
        return Err(refusal(manifest, missing, consents.verb));
    }
    let variables = surroundings.variables.iter().map(|found| found.name.clone()).collect();
    let Surroundings { mounts, package_hosts, certificates, .. } = surroundings;
    let (mounts, package_hosts) = ((*mounts).clone(), (*package_hosts).clone());
    let certificates = (*certificates).clone();
    Ok((Agreed { manifest, mounts, variables, package_hosts, certificates, package_builds }, tokens))
}

/// Whether the command line agrees to a kind that no manifest asks for.
#[must_use]
pub fn is_allowed(kind: GrantKind, allowed: &[String]) -> bool {
    allowed.iter().any(|given| given == kind.name())
}

#[cfg(test)]
mod tests;
