//! Takes back what a draft only guesses, until a release of its frameworks fits.
//!
//! Only guesses are taken back. If stated values conflict, the conflict is the answer.

use super::{Draft, LeftReason};
use crate::error::{Error, Result};
use crate::files::RootedDirectory;
use crate::manifest::{Arch, Manifest, ManifestError};
use crate::matrix::Matrix;
use crate::packages;
use crate::resolve::{FrameworkLine, Overrides, Request, resolve};

/// The keys whose guesses are taken back, in this order.
const GUESSES: [(&str, &str); 5] =
    [("cuda", "toolkit"), ("cuda", "version"), ("cuda", "cudnn"), ("system", "base"), ("python", "version")];

/// What the resolver says about a draft, on any machine.
#[derive(Debug)]
pub enum DraftFit {
    Fits,
    /// Nothing fits without the guesses either, or a file of requirements cannot be used.
    Refused(Error),
}

impl DraftFit {
    /// The error of a draft that is refused.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Fits => None,
            Self::Refused(error) => Some(error),
        }
    }
}

/// Takes back guesses until a release fits.
///
/// # Errors
///
/// The manifest's reader refuses the draft.
pub fn fit_draft(draft: &mut Draft, directory: &RootedDirectory, matrix: &Matrix) -> Result<DraftFit, ManifestError> {
    // No guess changes which files are read, so they are read once.
    let (lines, unusable) = match read_framework_lines(&draft.manifest()?, directory, matrix) {
        Ok(lines) => (lines, DraftFit::Fits),
        Err(error) => (Vec::new(), DraftFit::Refused(error)),
    };
    loop {
        let Err(error) = find_answer(&draft.manifest()?, &lines, matrix) else { return Ok(unusable) };
        let is_withdrawn = GUESSES.iter().any(|(table, key)| draft.withdraw(table, key, &LeftReason::Conflicts));
        if !is_withdrawn {
            return Ok(DraftFit::Refused(error));
        }
    }
}

/// Reads what the requirements files ask of frameworks.
fn read_framework_lines(
    manifest: &Manifest,
    directory: &RootedDirectory,
    matrix: &Matrix,
) -> Result<Vec<FrameworkLine>> {
    let wanted = manifest.python.requirements.iter().map(|file| &file.value);
    let (files, bad) = packages::files::read_usable(directory, wanted)?;
    let arch = manifest.target.arch.as_ref().map_or(Arch::X86_64, |asked| asked.value);
    Ok(packages::framework_lines(manifest, &files, matrix, arch, bad)?)
}

/// Asks the rows for an answer on any machine.
fn find_answer(manifest: &Manifest, lines: &[FrameworkLine], matrix: &Matrix) -> Result<()> {
    let anywhere = Overrides { no_host: true, ..Overrides::default() };
    let request = Request::new(manifest, None, &anywhere, matrix)?.steered(lines.to_vec());
    resolve(&request, matrix)?;
    Ok(())
}
