//! Runs `uv pip compile` in a new empty directory, so that uv finds no configuration of the project or of the user.
//!
//! Of the user's variables, uv receives only those that describe the way to the network.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::compile_input::CompileInput;
use super::explanation::lines;
use super::pin::platform;
use super::tool::Uv;
use super::{Access, LockedPackage, PackagesError, Refusal};
use crate::address::without_password;
use crate::files;
use crate::manifest::Date;
use crate::matrix::rows::is_page_of_links;
use crate::resolve::Decision;
use crate::system::{self, Scratch, System};

/// The project's name in uv's input and messages.
pub(super) const PROJECT: &str = "envctl-environment";

/// uv's variables that change only the way to the network, not the packages that uv finds.
const HARMLESS: [&str; 6] =
    ["UV_CACHE_DIR", "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES", "UV_CONCURRENT_DOWNLOADS", "UV_INSECURE_HOST", "UV_OFFLINE"];

/// Whether uv may build packages without wheels on this host to read their metadata. A build runs the package's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceBuilds {
    /// Builds are refused.
    #[default]
    Refused,
    /// The user agreed to builds.
    Allowed,
}

/// The versions to keep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preferences<'a> {
    /// Packages with versions that are kept if they fit.
    pub locked: &'a [LockedPackage],
    /// The packages that are upgraded anyway.
    pub upgrade: &'a [String],
}

impl Preferences<'_> {
    /// The versions in the form of uv's own output file.
    fn text(&self) -> String {
        let kept = self.locked.iter().filter(|package| package.url.is_none() && !self.upgrade.contains(&package.name));
        kept.flat_map(|package| [package.name.as_str(), "==", package.version.as_str(), "\n"]).collect()
    }
}

/// The environment of a run of uv.
pub(super) struct Compile<'a> {
    pub(super) uv: &'a Uv,
    pub(super) system: &'a System,
    pub(super) access: &'a Access,
    pub(super) preferences: Preferences<'a>,
    pub(super) builds: SourceBuilds,
    /// The host's Python, by its own path. Without it uv starts every Python on `PATH` to find one.
    pub(super) python: Option<&'a Path>,
    pub(super) depth: CompileDepth,
}

/// What a run of uv finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompileDepth {
    /// The complete closure with the hashes of every artefact.
    Complete,
    /// The versions of the complete closure.
    Versions,
    /// The versions of the complete closure, without pre-releases.
    Releases,
    /// The versions of the requirements themselves, without what they need.
    Direct,
    /// The newest versions of the requirements themselves, wheel or not. Nothing is built, because nothing but pages of
    /// the index can be reached.
    Newest,
}

/// The result of a run of uv.
pub(super) struct CompileOutput {
    /// The packages, in the form of a requirements file.
    pub(super) text: String,
    /// The host's Python that takes the place of the environment's in builds: `3.11.7`. `None`: no other one does, or no
    /// build is allowed.
    pub(super) other_python: Option<String>,
}

impl Compile<'_> {
    /// Runs uv.
    pub(super) async fn run(&self, asked: &CompileInput, decision: &Decision) -> Result<CompileOutput, PackagesError> {
        let platform =
            platform(decision).ok_or_else(|| PackagesError::NoPlatform { arch: decision.arch.to_string() })?;
        let directory =
            Scratch::new(self.system).map_err(|error| PackagesError::unwritable(&self.system.cache_home(), &error))?;
        let directory = directory.path();
        let write = |name: &str, text: String| {
            std::fs::write(directory.join(name), text).map_err(|error| PackagesError::unwritable(directory, &error))
        };
        write("pyproject.toml", project_file(asked, decision))?;
        write("constraints.txt", asked.constraints.join("\n"))?;
        write("locked.txt", self.preferences.text())?;
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
        uv.envs(self.access.proxies()).env("TMPDIR", directory);
        uv.arg("--config-file").arg(self.access.index_file());
        uv.args(["--no-progress", "--color", "never", "--no-python-downloads"])
            .args([
                "pip",
                "compile",
                "pyproject.toml",
                "--constraints",
                "constraints.txt",
                "--output-file",
                "locked.txt",
            ])
            .args(["--no-header", "--emit-index-annotation", "--python-version"])
            .arg(decision.python.to_string())
            .args(["--python-platform", &platform])
            .current_dir(directory);
        match self.depth {
            CompileDepth::Complete => _ = uv.arg("--generate-hashes"),
            CompileDepth::Versions => {}
            CompileDepth::Releases => _ = uv.args(["--prerelease", "disallow"]),
            CompileDepth::Direct => _ = uv.arg("--no-deps"),
            CompileDepth::Newest => {
                _ = uv.args(["--no-deps", "--offline", "--cache-dir"]).arg(self.pages(directory).await?);
            }
        }
        if self.builds == SourceBuilds::Refused {
            if self.depth != CompileDepth::Newest {
                uv.arg("--no-build");
            }
            // Without a build, nothing comes from this Python. A build needs the environment's, which uv looks for.
            if let Some(python) = self.python {
                uv.arg("--python").arg(python);
            }
        }
        if let Some(day) = &asked.exclude_newer {
            uv.args(["--exclude-newer", &last_moment(day)]);
            // The publishers' own indexes do not give upload times.
            uv.args(asked.vendors.keys().map(|package| format!("--exclude-newer-package={package}=false")));
        }
        let program = self.uv.program.display().to_string();
        let output = system::output(uv).await.map_err(|error| PackagesError::uv_not_run(&program, &error))?;
        let words = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(failure(&words, asked));
        }
        let text = files::read_text(&directory.join("locked.txt"), files::DOCUMENT)?;
        let other_python = if self.builds == SourceBuilds::Allowed { other_python(&words) } else { None };
        Ok(CompileOutput { text, other_python })
    }
}

/// The end of a day, for uv. A day alone ends at another time in each time zone, so that hosts would lock different
/// packages. A length of time, counted back from now, stays as it is.
fn last_moment(day: &str) -> String {
    let is_day = day.parse::<Date>().is_ok();
    if is_day { format!("{day}T23:59:59.999999999Z") } else { day.to_owned() }
}

impl Compile<'_> {
    /// A cache for uv in `directory` that has the pages of the index from uv's own cache, and nothing to build.
    async fn pages(&self, directory: &Path) -> Result<PathBuf, PackagesError> {
        let program = self.uv.program.display().to_string();
        let mut uv = self.system.bound_command(&self.uv.program);
        uv.args(["cache", "dir", "--no-config"]).current_dir(directory);
        let output = system::output(uv).await.map_err(|error| PackagesError::uv_not_run(&program, &error))?;
        let own = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end());
        let cache = directory.join("cache");
        let unwritable = |error: std::io::Error| PackagesError::unwritable(directory, &error);
        std::fs::create_dir(&cache).map_err(unwritable)?;
        for entry in std::fs::read_dir(&own).map_err(|error| PackagesError::unwritable(&own, &error))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("simple-") {
                std::os::unix::fs::symlink(entry.path(), cache.join(entry.file_name())).map_err(unwritable)?;
            }
        }
        Ok(cache)
    }
}

/// The text of a `pyproject.toml`. It is necessary, because only this file can limit an index to one package.
fn project_file(asked: &CompileInput, decision: &Decision) -> String {
    let array = |items: &[String]| toml::Value::from(items.to_vec());
    let mut text = format!(
        "[project]\nname = \"{PROJECT}\"\nversion = \"0\"\nrequires-python = \"=={}.*\"\ndependencies = {}\n",
        decision.python,
        array(&asked.requirements)
    );
    let mut indexes: Vec<&str> = asked.vendors.values().map(|vendor| vendor.index.as_str()).collect();
    indexes.sort_unstable();
    indexes.dedup();
    let mut line = |line: String| writeln!(text, "{line}").expect("writing to a String succeeds");
    for (at, index) in indexes.iter().enumerate() {
        let url = toml::Value::from(*index);
        let format = if is_page_of_links(index) { "\nformat = \"flat\"" } else { "" };
        line(format!("[[tool.uv.index]]\nname = \"vendor{at}\"\nurl = {url}{format}\nexplicit = true"));
    }
    if !indexes.is_empty() {
        line("[tool.uv.sources]".to_owned());
    }
    for (package, vendor) in &asked.vendors {
        let at = indexes.iter().position(|index| *index == vendor.index).expect("every vendor's index is in the list");
        line(format!("{package} = {{ index = \"vendor{at}\" }}"));
    }
    text
}

/// The Python in a warning such as `The requested Python version 3.9 is not available; 3.11.7 will be used to build …`.
fn other_python(words: &str) -> Option<String> {
    let (_, rest) = words.split_once(" is not available; ")?;
    let (python, _) = rest.split_once(" will be used to build")?;
    Some(python.to_owned())
}

/// Finds the error variant for uv's message.
fn failure(words: &str, asked: &CompileInput) -> PackagesError {
    let words = words.replace(&format!("{PROJECT} depends"), "the environment depends");
    let words = words.replace(PROJECT, "the environment");
    let output = lines(&words);
    let has = |text: &str| words.contains(text);
    let url = address(&words).unwrap_or_else(|| "its address".to_owned());
    let index = without_password(&url);
    if has("UnknownIssuer") || has("invalid peer certificate") {
        return PackagesError::Untrusted { index, output };
    }
    if has("401 Unauthorized") || has("403 Forbidden") {
        return PackagesError::Unauthorised { index, output };
    }
    if has("error sending request") || has("Failed to fetch") {
        if asked.requirements.iter().any(|requirement| requirement.contains(&url)) {
            return PackagesError::AddressUnreachable { address: index, output };
        }
        let vendor = asked.vendors.values().find(|vendor| url.starts_with(vendor.index.trim_end_matches('/')));
        let framework = vendor.map(|vendor| vendor.framework.clone());
        let index = vendor.map_or(index, |vendor| vendor.index.clone());
        return PackagesError::IndexUnreachable { index, output, framework };
    }
    if has("No solution found") {
        return PackagesError::Conflict(Box::new(Refusal::new(&words, asked)));
    }
    PackagesError::UvFailed { output }
}

/// The first address in uv's message.
fn address(words: &str) -> Option<String> {
    let start = words.find("https://").or_else(|| words.find("http://"))?;
    let url = words[start..].split(|c: char| c.is_whitespace() || "`)'\"".contains(c)).next()?;
    Some(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::compile_input::Vendor;
    use super::*;
    use crate::packages::tests::decision;

    fn asked() -> CompileInput {
        let vendor = Vendor { index: "https://vendor.example/whl/cu118".to_owned(), framework: "pytorch".to_owned() };
        CompileInput {
            requirements: vec!["torch==2.4.1+cu118".to_owned(), "rich; python_version < \"3.12\"".to_owned()],
            vendors: [("torch".to_owned(), vendor)].into(),
            ..CompileInput::default()
        }
    }

    #[test]
    fn the_project_file_ties_the_package_to_its_index() {
        insta::assert_snapshot!(project_file(&asked(), &decision()), @r#"
        [project]
        name = "envctl-environment"
        version = "0"
        requires-python = "==3.11.*"
        dependencies = ["torch==2.4.1+cu118", 'rich; python_version < "3.12"']
        [[tool.uv.index]]
        name = "vendor0"
        url = "https://vendor.example/whl/cu118"
        explicit = true
        [tool.uv.sources]
        torch = { index = "vendor0" }
        "#);
    }

    #[test]
    fn a_vendors_index_that_does_not_answer_is_named_with_its_framework() {
        let words = "error: Request failed after 3 retries in 6.1s\n  cause: Failed to fetch: \
                     https://vendor.example/whl/cu118/torch/\n  cause: error sending request for url\n";
        let PackagesError::IndexUnreachable { index, framework, .. } = failure(words, &asked()) else { panic!() };
        assert_eq!(index, "https://vendor.example/whl/cu118");
        assert_eq!(framework.as_deref(), Some("pytorch"));
    }

    #[test]
    fn a_packages_own_address_that_does_not_answer_is_no_index() {
        use crate::error::Report;
        let address = "https://files.example/six-1-py3-none-any.whl";
        let asked = CompileInput { requirements: vec![format!("six @ {address}")], ..asked() };
        let error = failure(&format!("  cause: Failed to fetch: `{address}`\n"), &asked);
        assert!(error.to_string().contains(address) && !error.hints().concat().contains("pip-index"), "{error}");
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        let words = "  cause: Failed to fetch: https://ada:secret@m.example/simple/rich/\n";
        let error = failure(words, &asked());
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_build_with_another_python_is_noticed() {
        let words = "warning: The requested Python version 3.9 is not available; 3.11.7 will be used to build \
                     dependencies instead.\nResolved 2 packages in 3ms\n";
        assert_eq!(other_python(words).as_deref(), Some("3.11.7"));
        assert_eq!(other_python("Resolved 2 packages in 3ms\n"), None);
    }

    #[test]
    fn a_conflict_keeps_uvs_explanation() {
        let words = "error: No solution found when resolving dependencies\n  cause: Because envctl-environment depends \
                     on numpy<2 and numpy>2, we can conclude that your requirements are unsatisfiable.\n";
        let PackagesError::Conflict(refusal) = failure(words, &asked()) else { panic!() };
        assert!(refusal.explanation[1].contains("the environment depends on numpy<2"), "{refusal:?}");
        assert!(refusal.needs_build.is_empty());
    }
}
