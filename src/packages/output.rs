//! Parses the output of `uv pip compile --generate-hashes --emit-index-annotation` into packages.
//!
//! A line that it does not understand is an error, because an incomplete closure would build another environment.

use crate::manifest::PackageName;

/// One package in uv's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PrintedPackage {
    pub(super) name: String,
    /// The version; empty if `url` is set.
    pub(super) version: String,
    /// The URL of the artefact, if a requirement names it.
    pub(super) url: Option<String>,
    /// The hashes, sorted.
    pub(super) hashes: Vec<String>,
    /// The packages that require it. The project appears with the name of its file.
    pub(super) via: Vec<String>,
    /// The index on which uv found it.
    pub(super) index: Option<String>,
}

/// Parses the output. The error is the line that cannot be parsed.
pub(super) fn parse(text: &str) -> Result<Vec<PrintedPackage>, String> {
    let mut packages: Vec<PrintedPackage> = Vec::new();
    let mut in_via = false;
    for line in text.lines() {
        let content = line.trim().trim_end_matches('\\').trim_end();
        if content.is_empty() {
            continue;
        }
        if !line.starts_with([' ', '\t', '#']) {
            packages.push(head(content).ok_or_else(|| line.to_owned())?);
            in_via = false;
            continue;
        }
        let Some(package) = packages.last_mut() else { continue };
        if let Some(hash) = content.strip_prefix("--hash=") {
            package.hashes.push(hash.to_owned());
        } else if let Some(comment) = content.strip_prefix('#') {
            note(package, comment, &mut in_via);
        } else {
            return Err(line.to_owned());
        }
    }
    for package in &mut packages {
        package.hashes.sort();
        package.via.sort();
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

fn head(line: &str) -> Option<PrintedPackage> {
    let (name, version, url) = if let Some((name, url)) = line.split_once(" @ ") {
        (name, "", Some(url.trim().to_owned()))
    } else {
        let (name, version) = line.split_once("==")?;
        (name, version, None)
    };
    let name = name.split('[').next()?.trim().parse::<PackageName>().ok()?.to_string();
    Some(PrintedPackage { name, version: version.trim().to_owned(), url, ..PrintedPackage::default() })
}

/// Parses `# via a`, or `# via` and one line per name, and `# from INDEX`.
fn note(package: &mut PrintedPackage, comment: &str, in_via: &mut bool) {
    let comment = comment.trim();
    if let Some(index) = comment.strip_prefix("from ") {
        package.index = Some(index.to_owned());
        *in_via = false;
    } else if comment == "via" {
        *in_via = true;
    } else if let Some(via) = comment.strip_prefix("via ") {
        package.via.push(via.to_owned());
    } else if *in_via {
        package.via.push(comment.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = "\
coloredlogs==15.0.1 \\
    --hash=sha256:7c99 \\
    --hash=sha256:612e
    # via onnxruntime
    # from https://index.example/simple
numpy==2.2.6 \\
    --hash=sha256:aa
    # via
    #   envctl-environment (pyproject.toml)
    #   onnxruntime
    # from https://index.example/simple
Flash_Attn @ https://example.org/flash_attn-2.6-cp311-cp311-linux_x86_64.whl \\
    --hash=sha256:bb
    # via envctl-environment (pyproject.toml)
";

    #[test]
    fn what_uv_printed() {
        let packages = parse(REAL).unwrap();
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["coloredlogs", "flash-attn", "numpy"]);
        assert_eq!(packages[0].hashes, ["sha256:612e", "sha256:7c99"]);
        assert_eq!(packages[0].index.as_deref(), Some("https://index.example/simple"));
        assert_eq!(packages[2].via, ["envctl-environment (pyproject.toml)", "onnxruntime"]);
        assert!(packages[1].url.as_deref().unwrap().contains("cp311-linux_x86_64"));
    }

    #[test]
    fn nothing_is_skipped_in_silence() {
        assert_eq!(parse("-e .\n").unwrap_err(), "-e .");
        assert_eq!(parse("a==1\n    --option\n").unwrap_err(), "    --option");
    }

    #[test]
    fn an_empty_closure_is_empty() {
        assert_eq!(parse("\n").unwrap(), []);
    }
}
