//! Python packages: `uv` resolves the complete closure for the target platform before the build.
//!
//! This room installs nothing, and runs no code of a package on this host.

mod access;
mod bad_file;
mod build_system;
mod built_sources;
mod compile;
mod compile_input;
mod compile_job;
mod error;
mod explanation;
mod file_line;
pub mod file_text;
pub mod files;
mod framework_lines;
mod framework_name;
mod index;
mod locked;
mod older;
mod output;
mod pin;
mod proxy;
mod pylock;
pub mod requirements_file;
mod resolver;
mod source_runner;
mod stand_in;
pub mod tool;
pub mod trust;
mod uv_run;
mod wanted_file;

#[cfg(test)]
pub(crate) mod tests;

pub use access::Access;
pub use bad_file::BadFile;
pub use compile::{Preferences, SourceBuilds};
pub use compile_input::{ClosureDemand, OURS, OpenFramework};
pub use compile_job::CompileJob;
pub use error::PackagesError;
pub use explanation::Refusal;
pub use framework_lines::framework_lines;
pub use framework_name::{FrameworkPackage, framework_of, framework_package};
pub use index::Indexes;
pub use locked::{BuildRequirement, DEFAULT_INDEX, LockedPackage, PackageClosure, SourceBuild, SourceMetadata};
pub use pin::platform as uv_platform;
pub use resolver::{ClosureRequest, PackageResolver};
pub use source_runner::{CompileAnswer, SourceNotes, SourceRunner};
pub use stand_in::stand_in_python;
pub use tool::Uv;
pub use wanted_file::WantedFile;

use compile::PROJECT;
use compile_input::CompileInput;
use output::PrintedPackage;

/// Converts a package to the form of the lock: without this host's own index names, and only with hashes that the
/// project's files allow.
fn locked(printed: PrintedPackage, asked: &CompileInput) -> Result<LockedPackage, PackagesError> {
    let PrintedPackage { name, version, url, hashes, via, index } = printed;
    let vendor = asked.vendors.get(&name).filter(|vendor| {
        index.as_deref().is_some_and(|index| index.trim_end_matches('/') == vendor.index.trim_end_matches('/'))
    });
    let hashes = match asked.allowed.get(&name) {
        None => hashes,
        Some(allowed) => {
            let kept: Vec<String> = hashes.into_iter().filter(|hash| allowed.hashes.contains(hash)).collect();
            if kept.is_empty() {
                return Err(PackagesError::HashMismatch { package: name, path: allowed.file.clone() });
            }
            kept
        }
    };
    let project = format!("{PROJECT} (pyproject.toml)");
    let packages = via.iter().filter(|via| **via != project && !via.starts_with("-c ")).cloned();
    let origins = asked.origins.get(&name).into_iter().flatten().cloned();
    let mut via: Vec<String> = origins.chain(packages).collect();
    via.sort();
    via.dedup();
    let index = vendor.map_or_else(|| DEFAULT_INDEX.to_owned(), |vendor| vendor.index.clone());
    Ok(LockedPackage { name, version, url, index, hashes, via, built: None })
}
