//! Parses uv's `pylock.toml` (PEP 751) for one question: which packages have no wheel for the target.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::parser;

#[derive(Deserialize)]
struct PylockShape {
    #[serde(default)]
    packages: Vec<PylockPackage>,
}

#[derive(Deserialize)]
struct PylockPackage {
    name: String,
    sdist: Option<PylockSource>,
    #[serde(default)]
    wheels: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct PylockSource {
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

/// The packages without a wheel for the target, each with the hash of its source. The error is what cannot be read.
pub(super) fn sources(text: &str) -> Result<BTreeMap<String, String>, String> {
    let read = parser::contain(|| toml::from_str::<PylockShape>(text)).map_err(|error| error.to_string())?;
    let shape = read.map_err(|error| error.message().to_owned())?;
    let built = shape.packages.into_iter().filter(|package| package.wheels.is_empty());
    built
        .map(|package| {
            let hash = package.sdist.as_ref().and_then(|sdist| sdist.hashes.get("sha256"));
            let hash = hash.ok_or_else(|| format!("{} has neither a wheel nor a source with a hash", package.name))?;
            Ok((package.name, format!("sha256:{hash}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_with_a_source_alone_is_built() {
        let text = r#"
lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.11"

[[packages]]
name = "jieba"
version = "0.42.1"
sdist = { url = "https://f.example/jieba-0.42.1.tar.gz", upload-time = 2020-01-20T14:27:23Z, size = 19214172, hashes = { sha256 = "055c" } }

[[packages]]
name = "rich"
version = "15.0.0"
sdist = { url = "https://f.example/rich-15.0.0.tar.gz", hashes = { sha256 = "edd0" } }
wheels = [{ url = "https://f.example/rich-15.0.0-py3-none-any.whl", hashes = { sha256 = "3365" } }]
"#;
        assert_eq!(sources(text).unwrap(), [("jieba".to_owned(), "sha256:055c".to_owned())].into());
        assert!(sources("[[packages]]\nname = \"a\"\n").unwrap_err().contains("neither a wheel"));
        assert!(sources("[").is_err());
    }
}
