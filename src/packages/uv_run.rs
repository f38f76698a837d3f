//! The command line of uv, without any configuration of the project or of the user.
//!
//! Of the user's variables, uv receives only those that describe the way to the network.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::stand_in::stand_in_python;
use super::tool::Uv;
use super::{Access, PackagesError};
use crate::files;
use crate::resolve::Decision;
use crate::system::{self, Scratch, System};

/// uv's variables that change only the way to the network, not the packages that uv finds.
const HARMLESS: [&str; 6] =
    ["UV_CACHE_DIR", "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES", "UV_CONCURRENT_DOWNLOADS", "UV_INSECURE_HOST", "UV_OFFLINE"];

/// The prefixes of the parts of uv's cache that come from sources. What is known of a source can come from a build by
/// the user with another Python.
const OF_SOURCES: [&str; 3] = ["sdists-", "builds-", "git-"];

/// The prefix of the pages of indexes in uv's cache.
const PAGES: &str = "simple-";

/// The parts of uv's own cache that a run may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CacheView {
    /// The pages of indexes, and nothing to build.
    Pages,
    /// Everything but what comes from sources.
    WithoutSources,
}

/// uv with its way to the indexes.
#[derive(Clone, Copy)]
pub(super) struct UvRun<'a> {
    pub(super) uv: &'a Uv,
    pub(super) system: &'a System,
    pub(super) access: &'a Access,
}

impl UvRun<'_> {
    /// A directory for the files of one run.
    pub(super) fn scratch(&self) -> Result<Scratch, PackagesError> {
        Scratch::new(self.system).map_err(|error| PackagesError::unwritable(&self.system.cache_home(), &error))
    }

    /// uv in `directory`.
    pub(super) fn command(&self, directory: &Path) -> Command {
        let mut uv = self.system.bound_command(&self.uv.program);
        for name in self.system.variables.keys().filter(|name| name.starts_with("UV_")) {
            if !HARMLESS.contains(&name.as_str()) {
                uv.env_remove(name);
            }
        }
        match self.access.bundle() {
            Some(bundle) => uv.env("SSL_CERT_FILE", bundle),
            None => uv.env_remove("SSL_CERT_FILE"),
        };
        uv.envs(self.access.proxies()).env("TMPDIR", directory).current_dir(directory);
        uv.arg("--config-file").arg(self.access.index_file());
        uv.args(["--no-progress", "--color", "never", "--no-python-downloads"]);
        uv
    }

    /// Runs uv. The result is its success and its messages.
    pub(super) async fn output(&self, uv: Command) -> Result<(bool, String), PackagesError> {
        let program = self.uv.program.display().to_string();
        let output = system::output(uv).await.map_err(|error| PackagesError::uv_not_run(&program, &error))?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// The path of the Python that stands in for the environment's. It keeps its place, because uv remembers what it
    /// learned of a Python by its path.
    pub(super) fn stand_in(&self, decision: &Decision) -> Result<PathBuf, PackagesError> {
        let glibc = decision.glibc.as_ref().map_or_else(|| "any".to_owned(), ToString::to_string);
        let name = format!("python-{}-{}-{glibc}", decision.python, decision.arch);
        let tools = self.system.data_home().join("tools");
        let path = tools.join(name).join("python");
        let text = stand_in_python(decision, &path.display().to_string());
        if files::read_text(&path, files::TEXT).is_ok_and(|there| there == text) {
            return Ok(path);
        }
        let unwritable = |error: std::io::Error| PackagesError::unwritable(&tools, &error);
        let home = path.parent().unwrap_or(&tools);
        std::fs::create_dir_all(home).map_err(unwritable)?;
        let staging = Scratch::beneath(&tools.join(".staging")).map_err(unwritable)?;
        let ready = staging.path().join("python");
        std::fs::write(&ready, text).map_err(unwritable)?;
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&ready, executable).map_err(unwritable)?;
        std::fs::rename(&ready, &path).map_err(unwritable)?;
        Ok(path)
    }

    /// Fills `directory` as a cache for uv that shows a part of uv's own cache.
    pub(super) async fn view_cache(&self, directory: &Path, view: CacheView) -> Result<(), PackagesError> {
        let program = self.uv.program.display().to_string();
        let mut uv = self.system.bound_command(&self.uv.program);
        uv.args(["cache", "dir", "--no-config"]).current_dir(directory);
        let output = system::output(uv).await.map_err(|error| PackagesError::uv_not_run(&program, &error))?;
        let own = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end());
        let unwritable = |error: std::io::Error| PackagesError::unwritable(directory, &error);
        let entries = match (view, std::fs::read_dir(&own)) {
            (CacheView::Pages, Err(error)) => return Err(PackagesError::unwritable(&own, &error)),
            // A user who never ran uv has no cache yet.
            (_, entries) => entries.into_iter().flatten().flatten(),
        };
        for entry in entries {
            let name = entry.file_name();
            let text = name.to_string_lossy();
            let is_shown = match view {
                CacheView::Pages => text.starts_with(PAGES),
                CacheView::WithoutSources => {
                    entry.path().is_dir() && !OF_SOURCES.iter().any(|prefix| text.starts_with(prefix))
                }
            };
            if is_shown {
                std::os::unix::fs::symlink(entry.path(), directory.join(&name)).map_err(unwritable)?;
            }
        }
        Ok(())
    }
}
