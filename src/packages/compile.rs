//! Runs `uv pip compile` in a new empty directory, so that uv finds no configuration of the project or of the user.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::compile_input::CompileInput;
use super::compile_job::CompileJob;
use super::explanation::lines;
use super::pin::platform;
use super::stand_in::REFUSAL;
use super::uv_run::{CacheView, UvRun};
use super::{LockedPackage, PackagesError, Refusal, SourceBuild};
use crate::address::without_password;
use crate::files;
use crate::manifest::Date;
use crate::matrix::rows::is_page_of_links;
use crate::resolve::Decision;

/// The project's name in uv's input and messages.
pub(super) const PROJECT: &str = "envctl-environment";

/// The file with what uv resolves.
const INPUT: &str = "pyproject.toml";

/// The file with limits.
const CONSTRAINTS: &str = "constraints.txt";

/// Whether packages without wheels may be built, and their code run to know what they need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceBuilds {
    /// Only wheels are taken.
    #[default]
    Refused,
    /// Sources are taken that write down what they need. No code runs.
    Static,
    /// The user agreed: the code of sources runs in a throw-away container, where it has to.
    Allowed,
}

/// The versions to keep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preferences<'a> {
    /// Packages with versions that are kept if they fit.
    pub locked: &'a [LockedPackage],
    /// The packages that are upgraded anyway.
    pub upgrade: &'a [String],
    /// The build requirements with versions that are kept if they fit.
    pub builds: &'a [SourceBuild],
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
    pub(super) run: UvRun<'a>,
    pub(super) preferences: Preferences<'a>,
    pub(super) builds: SourceBuilds,
    /// A cache for uv without anything that comes from sources.
    pub(super) sources: Option<&'a Path>,
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
    /// The files of exactly these packages, without what they need. Nothing is built, because nothing is asked of them.
    Files,
}

impl CompileDepth {
    /// The file for the result.
    fn output(self) -> &'static str {
        if self == Self::Files { "pylock.toml" } else { "locked.txt" }
    }
}

/// The end of a day, for uv. A day alone ends at another time in each time zone, so that hosts would lock different
/// packages. A length of time, counted back from now, stays as it is.
fn last_moment(day: &str) -> String {
    let is_day = day.parse::<Date>().is_ok();
    if is_day { format!("{day}T23:59:59.999999999Z") } else { day.to_owned() }
}

impl Compile<'_> {
    /// The input of the run.
    pub(super) fn job(&self, asked: &CompileInput, decision: &Decision) -> Result<CompileJob, PackagesError> {
        let platform =
            platform(decision).ok_or_else(|| PackagesError::NoPlatform { arch: decision.arch.to_string() })?;
        let output = self.depth.output();
        let mut files = BTreeMap::new();
        files.insert(INPUT, project_file(asked, decision));
        files.insert(CONSTRAINTS, asked.constraints.join("\n"));
        let mut arguments = vec![INPUT, "--constraints", CONSTRAINTS, "--output-file", output, "--no-header"];
        if self.depth == CompileDepth::Files {
            arguments.extend(["--format", "pylock.toml"]);
        } else {
            files.insert(output, self.preferences.text());
            arguments.push("--emit-index-annotation");
        }
        match self.depth {
            CompileDepth::Complete => arguments.push("--generate-hashes"),
            CompileDepth::Versions => {}
            CompileDepth::Releases => arguments.extend(["--prerelease", "disallow"]),
            CompileDepth::Direct | CompileDepth::Files => arguments.push("--no-deps"),
            CompileDepth::Newest => arguments.extend(["--no-deps", "--offline"]),
        }
        if self.builds == SourceBuilds::Refused && !matches!(self.depth, CompileDepth::Newest | CompileDepth::Files) {
            arguments.push("--no-build");
        }
        let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let target = ["--python-version", &decision.python.to_string(), "--python-platform", &platform];
        arguments.extend(target.map(str::to_owned));
        if let Some(day) = &asked.exclude_newer {
            arguments.extend(["--exclude-newer".to_owned(), last_moment(day)]);
            // The publishers' own indexes do not give upload times.
            arguments.extend(asked.vendors.keys().map(|package| format!("--exclude-newer-package={package}=false")));
        }
        Ok(CompileJob { files, arguments, output })
    }

    /// Runs uv on this host. No code of a package runs.
    pub(super) async fn run(&self, asked: &CompileInput, decision: &Decision) -> Result<String, PackagesError> {
        let job = self.job(asked, decision)?;
        let directory = self.run.scratch()?;
        let directory = directory.path();
        let unwritable = |error: std::io::Error| PackagesError::unwritable(directory, &error);
        for (name, text) in &job.files {
            std::fs::write(directory.join(name), text).map_err(unwritable)?;
        }
        let mut uv = self.run.command(directory);
        uv.args(["pip", "compile"]).args(&job.arguments);
        uv.arg("--python").arg(self.run.stand_in(decision)?);
        if self.depth == CompileDepth::Newest {
            let cache = directory.join("cache");
            std::fs::create_dir(&cache).map_err(unwritable)?;
            self.run.view_cache(&cache, CacheView::Pages).await?;
            uv.arg("--cache-dir").arg(cache);
        } else if let Some(cache) = self.sources {
            // Without isolation, uv asks the stand-in at once and downloads no build requirement before.
            uv.arg("--no-build-isolation").arg("--cache-dir").arg(cache);
        }
        let (is_done, words) = self.run.output(uv).await?;
        if !is_done {
            return Err(failure(&words, asked));
        }
        Ok(files::read_text(&directory.join(job.output), files::DOCUMENT)?)
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

/// Finds the error variant for uv's message.
pub(super) fn failure(words: &str, asked: &CompileInput) -> PackagesError {
    let words = words.replace(&format!("{PROJECT} depends"), "the environment depends");
    let words = words.replace(PROJECT, "the environment");
    let output = lines(&words);
    let has = |text: &str| words.contains(text);
    if has(REFUSAL) {
        return PackagesError::NeedsCode { package: built_package(&words), output };
    }
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
    if has("Failed to build `") {
        return PackagesError::SourceFailed { package: built_package(&words), output };
    }
    if has("No solution found") {
        return PackagesError::Conflict(Box::new(Refusal::new(&words, asked)));
    }
    PackagesError::UvFailed { output }
}

/// The package in a message such as ``Failed to build `docopt==0.6.2` ``.
fn built_package(words: &str) -> String {
    let name = words.split_once("Failed to build `").and_then(|(_, rest)| rest.split(['`', '=', ' ', '@']).next());
    name.unwrap_or_default().to_owned()
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
    fn a_source_whose_code_has_to_run_is_named() {
        let words = format!(
            "error: Failed to build `docopt==0.6.2`\n  cause: The build backend returned an error\n  {REFUSAL}\n"
        );
        let PackagesError::NeedsCode { package, .. } = failure(&words, &asked()) else { panic!() };
        assert_eq!(package, "docopt");
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
