//! Types of the values that add files and lines, not packages, to the image.
//!
//! A path in the project never leaves it, and the id of a secret is a valid file name.

use std::path::PathBuf;
use std::str::FromStr;

use super::{ContainerPath, EnvName, HostPath, ProjectPath, ValueError, all};

/// Project files copied into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The path inside the project.
    pub from: ProjectPath,
    /// The path inside the image.
    pub to: ContainerPath,
}

/// `FROM:TO`
impl FromStr for Copy {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| {
            ValueError::new(
                text,
                "a copy",
                why,
                "`FROM:TO`, a path in the project and one in the image, such as `tools:/opt/tools`",
            )
        };
        let (from, to) = text.split_once(':').ok_or_else(|| error("it names one place only"))?;
        if to.contains(':') {
            return Err(error("it has too many parts"));
        }
        if to.starts_with('~') {
            return Err(error("the user's home is not known when the image is built"));
        }
        Ok(Self { from: from.parse()?, to: to.parse()? })
    }
}

/// A secret for the build steps of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    id: String,
    source: SecretSource,
}

/// The source of a secret's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file on the host.
    File(PathBuf),
    /// An environment variable of the caller.
    Env(EnvName),
}

/// `id=NAME,src=FILE` or `id=NAME,env=VARIABLE`, the forms of `docker build --secret`.
impl FromStr for Secret {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| secret_error(text, why);
        let (mut id, mut source) = (None, None);
        for part in text.split(',') {
            let (key, value) = part.split_once('=').ok_or_else(|| error("its parts are `KEY=VALUE`"))?;
            match key {
                "id" => id = Some(value),
                "src" | "source" => source = Some(SecretSource::File(value.parse::<HostPath>()?.into())),
                "env" => source = Some(SecretSource::Env(value.parse()?)),
                _ => return Err(error("its keys are `id`, `src` and `env`")),
            }
        }
        let id = id.ok_or_else(|| error("it has no `id`"))?;
        let fallback = || id.parse().map(SecretSource::Env);
        let source = source.map_or_else(fallback, Ok).map_err(|_: ValueError| error("it has no `src` and no `env`"))?;
        Self::new(id, source)
    }
}

impl Secret {
    /// Makes the secret, if `id` is a valid file name and not an id of envctl's own.
    pub fn new(id: &str, source: SecretSource) -> Result<Self, ValueError> {
        let good = id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && id.len() <= 64
            && all(id, |c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        if !good {
            return Err(secret_error(id, "ids are letters, digits, `_`, `.` and `-`"));
        }
        if id.starts_with("envctl-") {
            return Err(secret_error(id, "ids that begin with `envctl-` are envctl's own"));
        }
        Ok(Self { id: id.to_owned(), source })
    }

    /// Returns the id: the file name under `/run/secrets/`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the place that its value is read from.
    #[must_use]
    pub fn source(&self) -> &SecretSource {
        &self.source
    }
}

fn secret_error(text: &str, why: &'static str) -> ValueError {
    let allowed = "`id=NAME,src=FILE` or `id=NAME,env=VARIABLE`, such as `id=hf,env=HF_TOKEN`";
    ValueError::new(text, "a build secret", why, allowed)
}
