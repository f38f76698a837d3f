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

mod allowance;
mod error;
mod grant;
mod kind;
mod required;

pub use allowance::Allowance;
pub use error::GrantError;
pub use grant::Grant;
pub use kind::{GrantKind, Phase};
pub use required::{EnvFileName, Surroundings, gives_root, required};

/// A manifest with the user's consent for a phase. Only [`agree`] makes one.
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
    /// The manifest whose requests were agreed to.
    #[must_use]
    pub fn manifest(&self) -> &'a Manifest {
        self.manifest
    }

    /// Returns the resolved path of a mount's source at the time of consent; `None` if it did not exist.
    #[must_use]
    pub fn mount_source(&self, path: &Path) -> Option<&Path> {
        self.mounts.get(path).map(PathBuf::as_path)
    }

    /// Whether an env file inside the project may take this variable of the caller. A file that changed after the
    /// check gets no other variables.
    #[must_use]
    pub fn covers_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Whether a requirements file of the project may name a URL on this host.
    #[must_use]
    pub fn covers_package_host(&self, host: &str) -> bool {
        self.package_hosts.contains(host)
    }

    /// Whether a file of `[network] ca-certificates` is trusted: the user agreed to content with this digest. The
    /// caller's own files may have any content.
    #[must_use]
    pub fn covers_certificates(&self, path: &Path, digest: &str) -> bool {
        let is_callers = matches!(self.manifest.network.ca_certificates.origin, Origin::Caller | Origin::Default);
        is_callers || self.certificates.get(path).is_some_and(|agreed| agreed == digest)
    }

    /// Whether packages without wheels may run their own code in a container that downloads.
    #[must_use]
    pub fn covers_package_builds(&self) -> bool {
        self.package_builds
    }

    /// Returns the consent for a manifest without grants: envctl's own defaults and the caller's configuration.
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

/// Earlier consent, and the consent on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Consents<'a> {
    /// `--allow` of this command.
    pub allowed: &'a [Allowance],
    /// The stored texts of earlier consent.
    pub remembered: &'a BTreeSet<String>,
    /// The command, as its hints name it.
    pub verb: &'static str,
}

impl Consents<'_> {
    /// Returns the grants without consent.
    fn missing(&self, needed: Vec<Grant>) -> Vec<Grant> {
        let is_allowed = |grant: &Grant| self.allowed.iter().any(|given| given.covers(grant));
        let missing = needed.into_iter().filter(|grant| !is_allowed(grant) && !grant.is_remembered(self.remembered));
        missing.map(|grant| Grant { changed: grant.replaces_one_of(self.remembered), ..grant }).collect()
    }

    /// Finds the first `--allow` without effect: the project does not need its object.
    fn check(&self, needed: &[Grant], phase: Phase) -> Result<(), GrantError> {
        for given in self.allowed {
            // Grants that only a later phase looks up are not known yet.
            let is_known = given.kind.phase() <= phase && given.object.is_some();
            if is_known && !needed.iter().any(|grant| given.covers(grant)) {
                // The grants of an overlay are agreed to by another name.
                let is_near = |grant: &&Grant| grant.kind == given.kind || grant.name() == given.kind.name();
                let grants = needed.iter().filter(is_near).cloned().collect();
                return Err(GrantError::NothingAllowed { given: given.to_string(), grants });
            }
        }
        Ok(())
    }
}

/// Returns the grants that `phase` needs and nobody agreed to.
///
/// # Errors
/// A value of `--allow` matches no grant.
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

/// Returns the error for grants without consent.
#[must_use]
pub fn refusal(manifest: &Manifest, grants: Vec<Grant>, verb: &'static str) -> GrantError {
    let at = grants.first().and_then(|grant| manifest.sources.snippet(grant.span.as_ref()?, "asked for here"));
    GrantError::NotGranted { grants, verb, at: at.into_iter().collect() }
}

/// Returns the proof of consent to everything that `phase` needs: from the command line, from earlier, or from `ask`
/// now. It also returns the texts to store.
///
/// # Errors
/// A value of `--allow` matches no grant, or consent is missing.
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

/// Whether the command line agrees to a kind of grant that no manifest asks for.
#[must_use]
pub fn is_allowed(kind: GrantKind, allowed: &[Allowance]) -> bool {
    allowed.iter().any(|given| given.kind == kind && given.object.is_none())
}

#[cfg(test)]
mod tests;
