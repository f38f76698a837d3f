//! Reads one line of a requirements file: a requirement, an option, or the reason why it cannot be used.
//!
//! A file names no path of this machine, runs nothing, and chooses no index unasked. So every other option is refused,
//! except those that ask for what envctl does anyway.

use crate::manifest::{Digest, Requirement};

/// One requirement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequirement {
    pub requirement: Requirement,
    /// The only allowed artefacts, `sha256:…`. Empty: any.
    pub hashes: Vec<String>,
    /// The line number, from 1.
    pub line: usize,
}

/// An index that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileIndex {
    pub option: IndexOption,
    /// The address as it is written.
    pub address: String,
    pub line: usize,
}

/// The option that names an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexOption {
    /// `--index-url`: in place of the default index.
    Index,
    /// `--extra-index-url`: beside the default index.
    Extra,
    /// `--find-links`: a page of links.
    Links,
}

/// A file that another file includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The path in the file.
    pub path: String,
    /// Whether it is included by `-c`. Then it limits versions and asks for no package.
    pub constraint: bool,
    pub line: usize,
}

/// The meaning of one line.
pub(super) enum FileLine {
    Requirement(Box<FileRequirement>),
    Include(Include),
    Indexes(Vec<FileIndex>),
    /// An option for what envctl does anyway.
    Nothing,
}

/// The reason why a line cannot be used, and what to do.
#[derive(Debug)]
pub(super) struct RefusedFileLine {
    pub(super) why: String,
    pub(super) hint: Option<String>,
}

impl RefusedFileLine {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), hint: None }
    }

    fn with(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: Some(hint.into()) }
    }
}

/// Options of pip for what envctl does anyway: it takes wheels before sources, and locks hashes.
const HARMLESS: [&str; 6] =
    ["--only-binary", "--prefer-binary", "--require-hashes", "--use-pep517", "--no-cache-dir", "--upgrade"];

const UNREAD: &str = "options other than `-r`, `-c`, `-i`, `-f`, `--extra-index-url` and `--hash` are not read";

/// Reads the line with this number.
pub(super) fn read(text: &str, line: usize) -> Result<FileLine, RefusedFileLine> {
    if !text.starts_with('-') {
        return Ok(FileLine::Requirement(Box::new(requirement(text, line)?)));
    }
    if let Some((option, path)) = include(text) {
        if path.is_empty() {
            return Err(RefusedFileLine::new("it names no file"));
        }
        if path.contains("://") {
            let hint = "put the file into the project and name it by its path";
            return Err(RefusedFileLine::with("a file at an address is not read", hint));
        }
        return Ok(FileLine::Include(Include { path: path.to_owned(), constraint: option == 'c', line }));
    }
    let (option, rest) = split_option(text);
    match option {
        "-e" | "--editable" => Err(editable(rest)),
        _ if HARMLESS.contains(&option) => Ok(FileLine::Nothing),
        _ => indexes(text, line).map(FileLine::Indexes),
    }
}

/// `--option=rest` or `--option rest`.
fn split_option(text: &str) -> (&str, &str) {
    let end = text.find([' ', '\t', '=']).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start_matches(['=', ' ', '\t']))
}

fn include(line: &str) -> Option<(char, &str)> {
    let forms = [("--requirement", 'r'), ("--constraint", 'c'), ("-r", 'r'), ("-c", 'c')];
    forms.into_iter().find_map(|(form, kind)| {
        let rest = line.strip_prefix(form)?;
        let short = form.len() == 2;
        let separated = rest.is_empty() || rest.starts_with([' ', '\t', '=']);
        (short || separated).then(|| (kind, rest.trim_start_matches(['=', ' ', '\t'])))
    })
}

/// The indexes that a line names. One line can name several.
fn indexes(text: &str, line: usize) -> Result<Vec<FileIndex>, RefusedFileLine> {
    let (mut found, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (option, after) = split_option(rest);
        let option = index_option(option).ok_or_else(|| refusal(option))?;
        let end = after.find([' ', '\t']).unwrap_or(after.len());
        let address = after[..end].trim_matches(['"', '\'']);
        if address.is_empty() {
            return Err(RefusedFileLine::new("it names no address"));
        }
        found.push(FileIndex { option, address: address.to_owned(), line });
        rest = after[end..].trim_start();
    }
    Ok(found)
}

fn index_option(option: &str) -> Option<IndexOption> {
    match option {
        "-i" | "--index-url" | "--pypi-url" => Some(IndexOption::Index),
        "--extra-index-url" => Some(IndexOption::Extra),
        "-f" | "--find-links" => Some(IndexOption::Links),
        _ => None,
    }
}

fn refusal(option: &str) -> RefusedFileLine {
    match option {
        "--no-index" => RefusedFileLine::new("indexes are set in `[network]` or in your own configuration"),
        "--trusted-host" => RefusedFileLine::with(
            "a project's file does not decide which server is trusted",
            "name your organisation's certificate in `[network] ca-certificates`, or by `SSL_CERT_FILE`",
        ),
        "--pre" => RefusedFileLine::with(
            "pre-releases are not allowed for all packages at once",
            "name the pre-release that you want, such as `name==1.0rc1`, and remove `--pre`",
        ),
        "--no-binary" => RefusedFileLine::with(
            "wheels are used where they exist",
            "remove the line, or allow builds with `--allow package-builds` for a package without wheels",
        ),
        _ => RefusedFileLine::new(UNREAD),
    }
}

fn editable(rest: &str) -> RefusedFileLine {
    if is_checkout(rest) { checkout() } else { own_package() }
}

/// Whether the text names a repository of a version control system.
fn is_checkout(text: &str) -> bool {
    ["git+", "hg+", "svn+", "bzr+"].iter().any(|kind| text.starts_with(kind))
}

fn checkout() -> RefusedFileLine {
    RefusedFileLine::with(
        "packages from a repository are not built yet",
        "name a release from the index, or the `https://` address of a wheel",
    )
}

fn own_package() -> RefusedFileLine {
    RefusedFileLine::with(
        "a path is not installed yet",
        "remove the line and list the package's own dependencies here; for the import, set `PYTHONPATH` to its directory \
         in `[run] env`",
    )
}

fn requirement(text: &str, line: usize) -> Result<FileRequirement, RefusedFileLine> {
    let (text, hashes) = split_hashes(text)?;
    let named = text.split_once('@').filter(|(name, _)| !name.contains(['/', ':', ';', '=', '<', '>']));
    let place = named.map_or(text, |(_, place)| place.trim_start());
    if is_checkout(place) {
        return Err(checkout());
    }
    if place.starts_with("file:") {
        return Err(named.map_or_else(own_package, |(name, _)| of_conda(name.trim(), place)));
    }
    if named.is_none() && is_path(text) {
        return Err(own_package());
    }
    let text = if named.is_none() && is_address(text) { name_address(text)? } else { text.to_owned() };
    let requirement = text.parse::<Requirement>().map_err(|error| RefusedFileLine::new(error.why))?;
    Ok(FileRequirement { requirement, hashes, line })
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// Whether the line is a path for pip: it begins like one, or has a `/` where a name has none.
fn is_path(text: &str) -> bool {
    let head = text.split([';', '[', ' ', '@']).next().unwrap_or_default();
    text.starts_with(['.', '/', '~', '\\']) || (head.contains(['/', '\\']) && !is_address(text)) || is_wheel(head)
}

fn is_wheel(name: &str) -> bool {
    name.strip_suffix(".whl").is_some_and(|stem| !stem.contains(':'))
}

/// A line that `pip freeze` writes for a package that conda installed. Only a wheel's or a directory's name has the
/// version; the number after `_` is a time.
fn of_conda(name: &str, place: &str) -> RefusedFileLine {
    let normal = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    let bare = name.split('[').next().unwrap_or_default();
    let version = place.split(['/', '#']).find_map(|part| {
        let rest = part.get(bare.len()..)?.strip_prefix('-')?;
        let version = rest.split('-').next()?.trim_end_matches(".tar.gz").trim_end_matches(".zip");
        let is_version = version.starts_with(|c: char| c.is_ascii_digit());
        (normal(&part[..bare.len()]) == normal(bare) && is_version).then_some(version)
    });
    let hint = match version {
        Some(version) => format!("write `{name}=={version}`"),
        None => {
            format!(
                "write `{name}==VERSION`; in that environment, `pip list --format=freeze` shows the version of each"
            )
        }
    };
    RefusedFileLine::with("it is a path of the machine on which `pip freeze` ran in a conda environment", hint)
}

/// `name @ address` of an address alone: `#egg=name`, or the name in the file's name.
fn name_address(text: &str) -> Result<String, RefusedFileLine> {
    let (address, marker) = text.split_once(" ;").or_else(|| text.split_once(' ')).unwrap_or((text, ""));
    let marker = marker.trim().trim_start_matches(';').trim();
    let (bare, fragment) = address.split_once('#').unwrap_or((address, ""));
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let file = bare.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let in_file = || match file.strip_suffix(".whl") {
        Some(wheel) => wheel.split('-').next(),
        None => [".tar.gz", ".tgz", ".zip", ".tar.bz2"].iter().find_map(|end| {
            let (name, version) = file.strip_suffix(end)?.rsplit_once('-')?;
            version.starts_with(|c: char| c.is_ascii_digit()).then_some(name)
        }),
    };
    let name = egg.or_else(in_file).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| {
        RefusedFileLine::with("the address does not say which package it is", format!("write `NAME @ {address}`"))
    })?;
    let address = if egg.is_some() { bare } else { address };
    Ok(if marker.is_empty() { format!("{name} @ {address}") } else { format!("{name} @ {address} ; {marker}") })
}

/// Splits `name==1 --hash=sha256:… --hash=sha256:…`.
fn split_hashes(line: &str) -> Result<(&str, Vec<String>), RefusedFileLine> {
    let Some((requirement, options)) = line.split_once(" --") else { return Ok((line, Vec::new())) };
    let mut hashes = Vec::new();
    for option in options.split(" --") {
        let value = option.trim().strip_prefix("hash=").or_else(|| option.trim().strip_prefix("hash "));
        match value.map(str::trim) {
            Some(hash) if hash.starts_with("sha256:") => {
                let digest = hash.to_ascii_lowercase().parse::<Digest>();
                hashes.push(digest.map_err(|error| RefusedFileLine::new(error.to_string()))?.to_string());
            }
            Some(_) => {}
            None => return Err(RefusedFileLine::new(UNREAD)),
        }
    }
    Ok((requirement.trim(), hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, String) {
        let Err(RefusedFileLine { why, hint }) = read(text, 1) else { panic!("{text} is read") };
        (why, hint.unwrap_or_default())
    }

    fn written(text: &str) -> String {
        match read(text, 1) {
            Ok(FileLine::Requirement(found)) => found.requirement.to_string(),
            Ok(_) => panic!("{text} is an option"),
            Err(refusal) => panic!("{text}: {}", refusal.why),
        }
    }

    fn named(text: &str) -> Vec<(IndexOption, String)> {
        match read(text, 1) {
            Ok(FileLine::Indexes(found)) => found.into_iter().map(|one| (one.option, one.address)).collect(),
            Ok(_) => panic!("{text} names no index"),
            Err(refusal) => panic!("{text}: {}", refusal.why),
        }
    }

    #[test]
    fn what_a_file_may_not_decide_is_refused() {
        for (text, words) in [
            ("--trusted-host h.example", "trusted"),
            ("--no-index", "[network]"),
            ("--pre", "pre-releases"),
            ("--no-binary :all:", "wheels"),
            ("--process-dependency-links", "options other"),
            ("rich --config-settings=x=y", "options other"),
            ("rich==${VERSION}", "variables"),
            ("rich==13 --hash=sha256:aa", "digest"),
            ("--index-url", "no address"),
            ("-r", "no file"),
        ] {
            assert!(refused(text).0.contains(words), "{text}: {}", refused(text).0);
        }
    }

    #[test]
    fn what_envctl_does_anyway_is_passed_over() {
        for text in ["--only-binary :all:", "--prefer-binary", "--require-hashes"] {
            assert!(matches!(read(text, 1), Ok(FileLine::Nothing)), "{text}");
        }
    }

    #[test]
    fn one_line_names_several_indexes() {
        use IndexOption::{Extra, Index, Links};
        let address = |kind, text: &str| (kind, text.to_owned());
        assert_eq!(named("-i https://a.example/simple"), [address(Index, "https://a.example/simple")]);
        assert_eq!(named("--find-links=https://b.example/x.html"), [address(Links, "https://b.example/x.html")]);
        assert_eq!(
            named("--extra-index-url https://a.example \t--extra-index-url=https://b.example"),
            [address(Extra, "https://a.example"), address(Extra, "https://b.example")]
        );
    }

    #[test]
    fn paths_and_repositories_are_named_as_such() {
        for text in
            [".", "./sub", "../evil", "-e .", "-e ./sub[extra]", "--editable=.", "pkgs/own", "a.whl", "file:///srv/x"]
        {
            assert!(refused(text).0.contains("a path"), "{text}: {}", refused(text).0);
        }
        for text in [
            "git+https://git.example/o/r.git@v1#egg=r",
            "-e git+https://git.example/o/r.git#egg=r",
            "clip@git+https://git.example/o/CLIP.git",
            "r @ git+ssh://git@git.example/o/r.git",
        ] {
            assert!(refused(text).0.contains("repository"), "{text}: {}", refused(text).0);
        }
    }

    #[test]
    fn an_address_alone_gets_its_name() {
        for (text, expected) in [
            ("https://f.example/six-1.16-py3-none-any.whl", "six @ https://f.example/six-1.16-py3-none-any.whl"),
            ("https://f.example/a-b-1.0.tar.gz", "a-b @ https://f.example/a-b-1.0.tar.gz"),
            ("https://f.example/o/archive/main.zip#egg=r", "r @ https://f.example/o/archive/main.zip"),
            (
                "https://f.example/six-1-py3-none-any.whl ; python_version < '3.9'",
                "six @ https://f.example/six-1-py3-none-any.whl ; python_version < '3.9'",
            ),
        ] {
            assert_eq!(written(text), expected);
        }
        assert!(refused("https://f.example/o/archive/main.zip").1.contains("write `NAME @ https://f.example"));
    }

    #[test]
    fn a_line_of_conda_gets_the_line_to_write() {
        let croot = "certifi @ file:///croot/certifi_1690232220950/work/certifi";
        assert!(refused(croot).1.starts_with("write `certifi==VERSION`"), "{}", refused(croot).1);
        let wheel = "Pillow @ file:///home/conda/x/pillow-10.0.1-cp311-cp311-linux_x86_64.whl#sha256=aa";
        assert_eq!(refused(wheel).1, "write `Pillow==10.0.1`");
        let folder = "ruamel.yaml @ file:///tmp/build/80754af9/ruamel_yaml-0.17.21/work";
        assert_eq!(refused(folder).1, "write `ruamel.yaml==0.17.21`");
    }
}
