//! The settings of the verbs that write a manifest: `init`, `add`, `remove`.
//!
//! Each conversion destructures clap's struct in full.

use std::path::PathBuf;

use super::{SettingsError, checked};
use crate::cli;
use crate::foreign::{DockerRun, read_docker_run};
use crate::manifest::{Date, EnvironmentName, PackageName, ProjectPath, PythonRequest, Requirement};
use crate::version::VersionRequest;

/// A framework by any of its names, with the requested releases.
#[derive(Clone, Debug)]
pub struct NamedFramework {
    pub name: String,
    pub version: Option<VersionRequest>,
}

/// `init`
#[derive(Clone, Debug)]
pub struct Init {
    pub frameworks: Vec<NamedFramework>,
    pub python: Option<PythonRequest>,
    pub name: Option<EnvironmentName>,
    pub cpu: bool,
    pub docker_run: Option<DockerRun>,
    pub requirements: Vec<ProjectPath>,
    pub exclude_newer: Option<Date>,
    pub force: bool,
    pub dry_run: bool,
    /// Whether nothing is asked.
    pub yes: bool,
}

/// `add`
#[derive(Clone, Debug)]
pub struct Add {
    pub manifest: Option<PathBuf>,
    pub packages: Vec<Requirement>,
    pub frameworks: Vec<NamedFramework>,
}

/// `remove`
#[derive(Clone, Debug)]
pub struct Remove {
    pub manifest: Option<PathBuf>,
    pub packages: Vec<PackageName>,
    /// Frameworks by any of their names.
    pub frameworks: Vec<String>,
}

impl TryFrom<cli::InitArgs> for Init {
    type Error = SettingsError;

    fn try_from(init: cli::InitArgs) -> Result<Self, SettingsError> {
        let cli::InitArgs {
            framework,
            python,
            name,
            cpu,
            from_docker,
            requirements,
            exclude_newer,
            force,
            dry_run,
            yes,
        } = init;
        let docker_run = from_docker.map(|line| {
            let allowed = "a line such as `docker run --gpus all -p 8888:8888 IMAGE`";
            read_docker_run(&line).ok_or(SettingsError::Value { option: "--from-docker", found: line, allowed })
        });
        Ok(Self {
            frameworks: frameworks(framework)?,
            python: python.map(|text| checked("--python", &text)).transpose()?,
            name: name.map(|name| checked("--name", &name)).transpose()?,
            cpu,
            docker_run: docker_run.transpose()?,
            requirements: requirements.iter().map(|file| checked("--requirements", file)).collect::<Result<_, _>>()?,
            exclude_newer: exclude_newer.map(|day| checked("--exclude-newer", &day)).transpose()?,
            force,
            dry_run,
            yes,
        })
    }
}

impl TryFrom<cli::AddArgs> for Add {
    type Error = SettingsError;

    fn try_from(add: cli::AddArgs) -> Result<Self, SettingsError> {
        let cli::AddArgs { project: cli::ProjectArgs { manifest }, packages, framework } = add;
        let packages = packages.iter().map(|package| checked("PACKAGE", package)).collect::<Result<_, _>>()?;
        Ok(Self { manifest, packages, frameworks: frameworks(framework)? })
    }
}

impl TryFrom<cli::RemoveArgs> for Remove {
    type Error = SettingsError;

    fn try_from(remove: cli::RemoveArgs) -> Result<Self, SettingsError> {
        let cli::RemoveArgs { project: cli::ProjectArgs { manifest }, packages, framework } = remove;
        let packages = packages.iter().map(|package| checked("PACKAGE", package)).collect::<Result<_, _>>()?;
        Ok(Self { manifest, packages, frameworks: framework })
    }
}

/// Reads `NAME` and `NAME=VERSION`; `NAME==VERSION` and `NAME>=VERSION` too.
fn frameworks(named: Vec<String>) -> Result<Vec<NamedFramework>, SettingsError> {
    named.into_iter().map(|text| framework(&text)).collect()
}

/// Reads one framework with its release.
pub fn framework(text: &str) -> Result<NamedFramework, SettingsError> {
    let end = text.find(['=', '<', '>', '~', '!']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.strip_prefix('=').filter(|rest| !rest.starts_with('=')).unwrap_or(rest);
    let version = Some(rest.trim()).filter(|rest| !rest.is_empty());
    let version = version.map(|version| checked("--framework", version)).transpose()?;
    Ok(NamedFramework { name: name.trim().to_owned(), version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framework_with_its_release() {
        for (text, name, version) in [
            ("pytorch", "pytorch", None),
            ("pytorch=2.4", "pytorch", Some("2.4")),
            ("torch==2.4.1", "torch", Some("==2.4.1")),
            ("torch>=2,<3", "torch", Some(">=2,<3")),
        ] {
            let found = framework(text).unwrap();
            assert_eq!((found.name.as_str(), found.version.as_ref().map(VersionRequest::text)), (name, version));
        }
        assert_eq!(framework("pytorch=new").unwrap_err().to_string().split(':').next(), Some("`--framework`"));
    }
}
