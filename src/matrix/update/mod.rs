//! `matrix update` and `matrix verify --online`: makes the frameworks' rows from the published wheels, or compares the
//! rows with them.
//!
//! A framework has a recipe (`compat-matrix/recipes/ID.toml`). It names the distributions and the facts that wheels do
//! not carry, each with its range of releases. Everything else comes from the package index. Its pages give the
//! versions and the withdrawn files. File names give Python, architecture and glibc. METADATA, or a file inside the
//! wheel, gives CUDA, cuDNN and the ranges of shared `nvidia-*` distributions. So a new upstream release needs only
//! data, and the same index gives the same bytes. METADATA wins over a recipe.
//!
//! It refuses to write invalid rows (a CUDA without driver floors, a release out of order). It never reads half an
//! index: one missing page or wheel ends the run, because a gap would look like a withdrawn release.

mod closure;
mod day;
mod derive;
mod diff;
pub mod index;
mod metadata;
mod online;
mod pip;
mod recipe;
mod requirement_rows;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;
mod wheel;
mod wheel_rows;

use std::path::{Path, PathBuf};

pub use day::day_of;
pub use diff::{RowChange, changes};
pub use index::{IndexError, PackageIndex};
pub use online::{ComparisonOutcome, Drawn, verify};
pub use pip::PipIndex;
pub use recipe::FrameworkRecipe;

use super::rows::FrameworkFile;
use super::site::SiteError;
use super::{Matrix, RowFile, RowFinding, RowProblem};
use crate::error::{Exit, Report, Snippet};
use crate::event::{Notice, Sink};
use crate::manifest::FrameworkId;

/// The new rows of one framework.
#[derive(Clone, Debug)]
pub struct Update {
    pub id: FrameworkId,
    /// The path of its rows.
    pub path: PathBuf,
    pub file: FrameworkFile,
    /// The differences from the existing rows.
    pub changes: Vec<RowChange>,
    /// The problems that prevent writing the rows.
    pub problems: Vec<RowFinding>,
}

/// The reason why rows cannot be made or written.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A recipe or row file cannot be read, or the new one cannot be written.
    #[error("can't use `{}`: {error}", path.display())]
    File {
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// A recipe or row file is not valid TOML.
    #[error("`{}` is not valid: {}", path.display(), error.message())]
    Text {
        path: PathBuf,
        /// The complete file.
        text: String,
        /// The parser's error.
        error: Box<toml::de::Error>,
    },
    /// No recipe has this name.
    #[error("no recipe for `{name}` in `{}`", folder.display())]
    NoRecipe {
        /// The requested name.
        name: String,
        /// The folder that was searched.
        folder: PathBuf,
    },
    /// The other tables cannot be used.
    #[error(transparent)]
    Tables(#[from] SiteError),
    /// The index did not answer.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The rows are inconsistent.
    #[error("{} rows of {id} do not hold, nothing was written; the first: {}", problems.len(), problems[0])]
    Unsound {
        id: FrameworkId,
        /// The inconsistencies; never empty.
        problems: Vec<RowFinding>,
    },
}

impl Report for UpdateError {
    fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::Text { .. } | Self::Tables(_) => "matrix-rows",
            Self::NoRecipe { .. } => "no-recipe",
            Self::Index(_) => "index-unreachable",
            Self::Unsound { .. } => "matrix-unsound",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Text { .. } | Self::NoRecipe { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::File { .. } | Self::NoRecipe { .. } => {
                vec!["`--matrix` names a folder shaped like `compat-matrix`, with its recipes".into()]
            }
            Self::Text { .. } => {
                vec!["correct it, or take the file from the `compat-matrix` of an envctl that was released".into()]
            }
            Self::Tables(error) => error.hints(),
            Self::Index(IndexError::NoPip { .. }) => {
                vec!["install Python with pip: the index is read through the pip you have set up".into()]
            }
            Self::Index(IndexError::Unreachable { .. }) => {
                vec!["`python3 -m pip config list` shows the index, proxy and certificates in use".into()]
            }
            Self::Index(IndexError::Undated { .. }) => {
                vec!["`--exclude-newer` needs an index that gives upload times (PEP 700)".into()]
            }
            Self::Unsound { problems, .. } => {
                problems.first().map(|finding| repair(&finding.problem)).into_iter().collect()
            }
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Text { path, text, error } => {
                let span = error.span().unwrap_or(0..0);
                vec![Snippet { path: path.clone(), text: text.clone(), span, label: String::new() }]
            }
            Self::Tables(error) => error.snippets(),
            Self::File { .. } | Self::NoRecipe { .. } | Self::Index(_) | Self::Unsound { .. } => Vec::new(),
        }
    }
}

/// The rows to update.
#[derive(Clone, Copy, Debug)]
pub enum Renewed<'a> {
    /// The rows of a folder, with its own recipes.
    Folder(&'a Path),
    /// The rows in use on this machine, with the embedded recipes.
    Known {
        /// The frameworks' rows, without the rows of this machine.
        rows: &'a Matrix,
        /// The other tables, with the rows of this machine, because a row for a new CUDA can be there first.
        tables: &'a Matrix,
    },
}

/// The rows to update, and the day.
#[derive(Clone, Copy, Debug)]
pub struct UpdateRequest<'a> {
    /// The existing rows.
    pub rows: Renewed<'a>,
    /// The frameworks to update. Empty: all with a recipe.
    pub only: &'a [String],
    /// The day of the check for the new rows, `YYYY-MM-DD`.
    pub today: &'a str,
    /// The day before which a file must be uploaded to count.
    pub before: Option<&'a str>,
}

/// Derives the requested rows and checks them against the other tables of the folder. It writes nothing.
///
/// # Errors
///
/// An unreadable recipe, table or row file, and an index that does not answer.
pub fn update(
    asked: UpdateRequest<'_>,
    index: &mut dyn PackageIndex,
    sink: &dyn Sink,
) -> Result<Vec<Update>, UpdateError> {
    let UpdateRequest { rows, only, today, before } = asked;
    let recipes = match rows {
        Renewed::Folder(root) => recipes(root, only)?,
        Renewed::Known { .. } => called(embedded_recipes(), only, Path::new("envctl"))?,
    };
    let mut updates = Vec::new();
    for (id, recipe) in recipes {
        sink.emit(Notice::ReadingPublished { framework: id.to_string() }.into());
        let file = Path::new("frameworks").join(format!("{id}.toml"));
        let (path, old) = match rows {
            Renewed::Folder(root) => (root.join(&file), old_rows(&root.join(&file))?),
            Renewed::Known { rows, .. } => (file, rows.framework(&id).cloned()),
        };
        let snapshot = snapshot::Snapshot::read(&recipe, index, &|_| true, before)?;
        let file = derive::derive(&recipe, &snapshot, old.as_ref(), today);
        let changes = changes(old.as_ref(), &file);
        updates.push(Update { id, path, file, changes, problems: Vec::new() });
    }
    let findings = match rows {
        Renewed::Folder(root) => {
            let row_file = |update: &Update| RowFile { path: update.path.clone(), text: text::file(&update.file) };
            Matrix::from_tables(root, &updates.iter().map(row_file).collect::<Vec<_>>())?.check()
        }
        Renewed::Known { tables, .. } => {
            tables.clone().with_frameworks(updates.iter().map(|update| update.file.clone())).check()
        }
    };
    for update in &mut updates {
        let name = format!("frameworks/{}.toml", update.id);
        update.problems = findings.iter().filter(|finding| finding.file == name).cloned().collect();
    }
    Ok(updates)
}

fn old_rows(path: &Path) -> Result<Option<FrameworkFile>, UpdateError> {
    if path.exists() { Ok(Some(parse(path, &read(path)?)?)) } else { Ok(None) }
}

/// Refuses inconsistent rows.
///
/// # Errors
///
/// The first framework with inconsistent rows.
pub fn sound(updates: &[Update]) -> Result<(), UpdateError> {
    match updates.iter().find(|update| !update.problems.is_empty()) {
        Some(Update { id, problems, .. }) => Err(UpdateError::Unsound { id: id.clone(), problems: problems.clone() }),
        None => Ok(()),
    }
}

/// The hint for a problem of the rows.
fn repair(problem: &RowProblem) -> String {
    match problem {
        RowProblem::Unknown { what, value, file } => {
            format!("add a row for {what} {value} to `{file}` first, with its source")
        }
        RowProblem::CudnnMismatch { .. } => "look whether that row of `cudnn.toml` is complete".to_owned(),
        RowProblem::NotCompiled { cuda, .. } => format!(
            "the recipe's `capabilities` were written for an older CUDA: give the releases made with CUDA {cuda} a \
             `[[build]]` of their own"
        ),
        _ => "correct the recipe; `envctl matrix update FRAMEWORK…` renews the others meanwhile".to_owned(),
    }
}

/// Writes the rows, all or none.
///
/// # Errors
///
/// Inconsistent rows, and files that cannot be written.
pub fn write(updates: &[Update]) -> Result<(), UpdateError> {
    sound(updates)?;
    for Update { path, file, .. } in updates {
        let fail = |error| UpdateError::File { path: path.clone(), error };
        let temporary = path.with_extension("toml.part");
        std::fs::write(&temporary, text::file(file)).map_err(fail)?;
        std::fs::rename(&temporary, path).map_err(fail)?;
    }
    Ok(())
}

/// The embedded recipes, for a comparison of the embedded rows with the index.
#[must_use]
pub fn embedded_recipes() -> Vec<FrameworkRecipe> {
    super::embedded::RECIPES
        .iter()
        .map(|text| toml::from_str(text).expect("a test reads the embedded recipes"))
        .collect()
}

/// The recipes of a folder of rows.
///
/// # Errors
///
/// An unreadable recipe.
pub fn recipes_of(root: &Path) -> Result<Vec<FrameworkRecipe>, UpdateError> {
    Ok(recipes(root, &[])?.into_iter().map(|(_, recipe)| recipe).collect())
}

/// The recipes in a folder, by the id in their file name.
fn recipes(root: &Path, only: &[String]) -> Result<Vec<(FrameworkId, FrameworkRecipe)>, UpdateError> {
    let folder = root.join("recipes");
    let fail = |error| UpdateError::File { path: folder.clone(), error };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(fail)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .map_err(fail)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let all = paths.iter().map(|path| parse(path, &read(path)?)).collect::<Result<Vec<FrameworkRecipe>, _>>()?;
    called(all, only, &folder)
}

/// The recipes that `only` names. Empty: all recipes.
fn called(
    all: Vec<FrameworkRecipe>,
    only: &[String],
    folder: &Path,
) -> Result<Vec<(FrameworkId, FrameworkRecipe)>, UpdateError> {
    if let Some(name) = only.iter().find(|name| !all.iter().any(|recipe| is_called(recipe, name))) {
        return Err(UpdateError::NoRecipe { name: name.clone(), folder: folder.to_owned() });
    }
    let wanted = |recipe: &FrameworkRecipe| only.is_empty() || only.iter().any(|name| is_called(recipe, name));
    Ok(all.into_iter().filter(wanted).map(|recipe| (recipe.framework.id.clone(), recipe)).collect())
}

/// Whether `name` is the framework's id, package or other name.
fn is_called(recipe: &FrameworkRecipe, name: &str) -> bool {
    let head = &recipe.framework;
    head.id.as_str() == name || head.package == name || head.aliases.iter().any(|alias| alias == name)
}

fn read(path: &Path) -> Result<String, UpdateError> {
    std::fs::read_to_string(path).map_err(|error| UpdateError::File { path: path.to_owned(), error })
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, UpdateError> {
    toml::from_str(text).map_err(|error| UpdateError::Text {
        path: path.to_owned(),
        text: text.to_owned(),
        error: Box::new(error),
    })
}
