//! The image that an environment needs: what goes into its build beside the manifest and the lock, and its name.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ReconcileError;
use super::apply::{begin, end};
use super::base::BaseImage;
use super::checks::place;
use crate::engine::{Engine, ImageBuild};
use crate::error::Error;
use crate::event::{Sink, Stage};
use crate::manifest::{Arch, Manifest, SecretSource, host_path};
use crate::packages::Indexes;
use crate::packages::trust;
use crate::project::hex;
use crate::render::{BuildContext, ContextFile, ContextSecret};
use crate::system::{PrivateFile, System};

/// How files begin that are not whole yet, and those by which earlier versions handed secrets to the builder.
const HALF_WRITTEN: [&str; 2] = [".envctl-", ".build-secret-"];

/// Digits of the hash in an image's name.
const DIGITS: usize = 12;

/// `envctl/NAME:HASH`, where the hash covers every byte that is sent to the builder. Two checkouts that render the same
/// share one image.
#[must_use]
pub fn tag(manifest: &Manifest, context: &BuildContext) -> String {
    let mut hash = Sha256::new();
    for (path, file) in &context.files {
        for bytes in [path.as_bytes(), &[u8::from(file.executable)], &file.bytes] {
            hash.update(bytes.len().to_le_bytes());
            hash.update(bytes);
        }
    }
    format!("envctl/{}:{}", manifest.name.value, &hex(&hash.finalize())[..DIGITS])
}

/// A build with the files in memory that it reads.
pub struct Recipe {
    pub build: ImageBuild,
    /// What has to be ready before it; none: nothing.
    pub base: Option<BaseImage>,
    /// Gone with it.
    _files: Vec<PrivateFile>,
}

/// Everything that the engine's builder gets. No secret is written to disk.
pub fn recipe(
    system: &System,
    manifest: &Manifest,
    project: &Path,
    context: &BuildContext,
    arch: Arch,
) -> Result<Recipe, Error> {
    let mut build = ImageBuild {
        tag: tag(manifest, context),
        context: context.tar(),
        build_args: context.build_args.clone(),
        platform: platform(arch).to_owned(),
        ..ImageBuild::default()
    };
    build.labels.insert("envctl.name".to_owned(), manifest.name.value.to_string());
    build.labels.insert("envctl.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let mut files = Vec::new();
    for secret in &context.secrets {
        let bytes = match secret {
            ContextSecret::User(id) => {
                users_secret(system, manifest, project, id, &mut build)?;
                continue;
            }
            ContextSecret::Certificates => {
                trust::bundle(&manifest.network.ca_certificates.value, project, system)?.unwrap_or_default()
            }
            ContextSecret::Index => Indexes::of(&manifest.network, system).uv_config().into_bytes(),
            ContextSecret::Addresses => {
                Indexes::of(&manifest.network, system).without_credentials().uv_config().into_bytes()
            }
        };
        let file =
            PrivateFile::new(&bytes).map_err(|error| ReconcileError::SecretFile { reason: error.to_string() })?;
        build.secret_files.insert(secret.id().to_owned(), file.path());
        files.push(file);
    }
    Ok(Recipe { build, base: None, _files: files })
}

impl Recipe {
    /// Builds the image, from a base that may be used.
    pub async fn build(&self, engine: &impl Engine, sink: &dyn Sink) -> Result<(), Error> {
        self.ready_base(engine, sink).await?;
        begin(sink, Stage::Build, &self.build.tag);
        engine.build(&self.build, sink).await?;
        end(sink, Stage::Build, &self.build.tag);
        Ok(())
    }

    /// See [`BaseImage::ready`].
    pub(super) async fn ready_base(&self, engine: &impl Engine, sink: &dyn Sink) -> Result<(), Error> {
        match &self.base {
            Some(base) => base.ready(engine, sink).await,
            None => Ok(()),
        }
    }
}

/// Takes away what an `up` that was killed left in the environment's state: files half written. The caller holds the
/// environment.
pub fn sweep(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let half = |name: &str| HALF_WRITTEN.iter().any(|prefix| name.starts_with(prefix));
    let left = entries.filter_map(Result::ok).filter(|entry| half(&entry.file_name().to_string_lossy()));
    for entry in left {
        // What can't be removed now is tried again next time.
        let _ = std::fs::remove_file(entry.path());
    }
}

fn users_secret(
    system: &System,
    manifest: &Manifest,
    project: &Path,
    id: &str,
    build: &mut ImageBuild,
) -> Result<(), Error> {
    let Some(secret) = manifest.build.secrets.iter().find(|secret| secret.value.id == id) else { return Ok(()) };
    let missing = |what: String| ReconcileError::SecretMissing {
        id: id.to_owned(),
        what,
        at: place(manifest, secret.span.as_ref(), "this secret"),
    };
    match &secret.value.source {
        SecretSource::File(path) => {
            let path = host_path(path, project, &system.home());
            if !path.is_file() {
                return Err(missing(format!("the file `{}`", path.display())).into());
            }
            build.secret_files.insert(id.to_owned(), path);
        }
        SecretSource::Env(name) => {
            if !system.variables.contains_key(name.as_str()) {
                return Err(missing(format!("the variable `{name}`")).into());
            }
            build.secret_env.insert(id.to_owned(), name.to_string());
        }
    }
    Ok(())
}

/// The files of `[build] copy`, in the manifest's order. Links are followed as far as they stay inside the project: a fresh
/// clone must not carry a host's files into an image. What is named itself was agreed to where it lies outside.
pub fn copies(manifest: &Manifest, project: &Path) -> Result<Vec<BTreeMap<String, ContextFile>>, ReconcileError> {
    let read = |copy: &crate::manifest::Located<crate::manifest::Copy>| {
        let from = project.join(copy.value.from.as_str());
        let mut files = BTreeMap::new();
        let walls = || Ok([project.canonicalize()?, from.canonicalize()?]);
        walls().and_then(|walls| collect(&from, "", &walls, &mut files)).map_err(|error: std::io::Error| {
            ReconcileError::Copy {
                path: from.clone(),
                reason: error.to_string(),
                at: place(manifest, copy.span.as_ref(), "copied here"),
            }
        })?;
        Ok(files)
    };
    manifest.build.copy.iter().map(read).collect()
}

/// Files by their path below the first one. `walls` are the directories that no link may leave.
fn collect(
    path: &Path,
    inside: &str,
    walls: &[PathBuf],
    files: &mut BTreeMap<String, ContextFile>,
) -> std::io::Result<()> {
    let real = path.canonicalize()?;
    if !walls.iter().any(|wall| real.starts_with(wall)) {
        let told = format!("`{}` is a link that leads out of the project, to `{}`", path.display(), real.display());
        return Err(std::io::Error::other(told));
    }
    let meta = std::fs::metadata(path)?;
    if meta.is_dir() {
        let above = path.parent().and_then(|parent| parent.canonicalize().ok());
        if path.is_symlink() && above.is_some_and(|above| above.starts_with(&real)) {
            return Err(std::io::Error::other(format!("`{}` is a link to a directory it lies in", path.display())));
        }
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let below = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            collect(&entry.path(), &below, walls, files)?;
        }
        return Ok(());
    }
    let executable = meta.permissions().mode() & 0o111 != 0;
    files.insert(inside.to_owned(), ContextFile { bytes: std::fs::read(path)?, executable });
    Ok(())
}

fn platform(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "linux/amd64",
        Arch::Aarch64 => "linux/arm64",
        Arch::Ppc64le => "linux/ppc64le",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_with_its_modes() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("tools/deep")).unwrap();
        std::fs::write(dir.path().join("tools/run"), "x").unwrap();
        std::fs::set_permissions(dir.path().join("tools/run"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(dir.path().join("tools/deep/data"), "y").unwrap();
        let mut files = BTreeMap::new();
        let walls = [dir.path().canonicalize().unwrap()];
        collect(&dir.path().join("tools"), "", &walls, &mut files).unwrap();
        let seen: Vec<_> = files.iter().map(|(path, file)| (path.as_str(), file.executable)).collect();
        assert_eq!(seen, [("deep/data", false), ("run", true)]);
        let mut one = BTreeMap::new();
        collect(&dir.path().join("tools/run"), "", &walls, &mut one).unwrap();
        assert_eq!(one.keys().collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn a_link_stays_inside_the_project() {
        use std::os::unix::fs::symlink;
        let (project, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let tools = project.path().join("tools");
        std::fs::create_dir(&tools).unwrap();
        std::fs::write(project.path().join("near"), "x").unwrap();
        std::fs::write(outside.path().join("secret"), "y").unwrap();
        let walls = [project.path().canonicalize().unwrap()];
        symlink("../near", tools.join("near")).unwrap();
        let mut files = BTreeMap::new();
        collect(&tools, "", &walls, &mut files).unwrap();
        assert_eq!(files["near"].bytes, b"x");
        symlink(outside.path().join("secret"), tools.join("far")).unwrap();
        let refused = collect(&tools, "", &walls, &mut BTreeMap::new()).unwrap_err();
        assert!(refused.to_string().contains("leads out of the project"), "{refused}");
        std::fs::remove_file(tools.join("far")).unwrap();
        symlink("..", tools.join("up")).unwrap();
        let refused = collect(&tools, "", &walls, &mut BTreeMap::new()).unwrap_err();
        assert!(refused.to_string().contains("it lies in"), "{refused}");
    }
}
