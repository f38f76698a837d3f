//! The image that an environment needs: its name, and the inputs of its build in addition to the manifest and the
//! lock.
//!
//! The name contains a hash of all inputs, so an unchanged environment finds its image by name.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::ReconcileError;
use super::apply::{report_begin, report_end};
use super::base::{BaseImage, uv_image};
use super::build_proof::ProofSink;
use super::error::snippet_of;
use super::named_file::file_error;
use super::work::Work;
use crate::digest::hex;
use crate::engine::{Engine, ImageBuild};
use crate::error::Error;
use crate::event::Stage;
use crate::files::{FileError, RootedDirectory, TreeFile, TreeLimits, TreeTotal};
use crate::manifest::{Arch, Manifest, SecretSource, host_path};
use crate::packages::Access;
use crate::render::{BuildContext, ContextFile, ContextSecret};
use crate::system::{PrivateFile, System};

/// Prefixes of incomplete files, and of files that handed secrets to the builder in earlier versions.
const HALF_WRITTEN: [&str; 2] = [".envctl-", ".build-secret-"];

/// The limit of a `BuildKit` secret in bytes.
const LARGEST_SECRET: u64 = 500 * 1024;

/// The limits for files copied into an image. They are meant for tools and settings; data is mounted.
pub const COPIES: TreeLimits = TreeLimits { bytes: 64 << 20, files: 20_000, depth: 64 };

/// The number of digits of the hash in an image's name.
const DIGITS: usize = 12;

/// Returns `envctl/NAME:HASH`. The hash covers every byte that the builder gets, so two checkouts with the same
/// rendering share one image.
#[must_use]
pub fn image_tag(manifest: &Manifest, context: &BuildContext) -> String {
    let mut hash = Sha256::new();
    for (path, file) in &context.files {
        for bytes in [path.as_bytes(), &[u8::from(file.executable)], &file.bytes] {
            hash.update(bytes.len().to_le_bytes());
            hash.update(bytes);
        }
    }
    format!("envctl/{}:{}", manifest.name.value, &hex(&hash.finalize())[..DIGITS])
}

/// A build and the files in memory that it reads.
pub struct Recipe {
    pub build: ImageBuild,
    /// The base to prepare before it; `None`: no base.
    pub base: Option<BaseImage>,
    /// The architecture it is for.
    pub arch: Arch,
    /// The access to package indexes; its bundle of certificates is a file of the build.
    pub access: Access,
    /// The files exist as long as the recipe.
    _files: Vec<PrivateFile>,
}

/// Returns everything that the engine's builder gets. No secret is written to disk.
pub fn write_recipe(
    system: &System,
    manifest: &Manifest,
    project: &RootedDirectory,
    context: &BuildContext,
    arch: Arch,
    access: Access,
) -> Result<Recipe, Error> {
    let mut build = ImageBuild {
        tag: image_tag(manifest, context),
        context: context.tar(),
        build_args: context.build_args.clone(),
        platform: build_platform(arch).to_owned(),
        ..ImageBuild::default()
    };
    build.labels.insert("envctl.name".to_owned(), manifest.name.value.to_string());
    build.labels.insert("envctl.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let mut files = Vec::new();
    for secret in &context.secrets {
        let bytes = match secret {
            ContextSecret::User(id) => match users_secret(system, manifest, project, id, &mut build)? {
                Some(bytes) => bytes,
                None => continue,
            },
            ContextSecret::Certificates => {
                build.secret_files.extend(access.bundle().map(|file| (secret.id().to_owned(), file)));
                continue;
            }
            ContextSecret::Index => access.indexes().uv_config().into_bytes(),
            ContextSecret::Addresses => access.indexes().without_credentials().uv_config().into_bytes(),
        };
        let file =
            PrivateFile::new(&bytes).map_err(|error| ReconcileError::SecretFile { reason: error.to_string() })?;
        build.secret_files.insert(secret.id().to_owned(), file.path());
        files.push(file);
    }
    Ok(Recipe { build, base: None, arch, access, _files: files })
}

impl Recipe {
    /// Builds the image after preparing its base.
    pub async fn build(&self, work: &Work<'_, impl Engine>) -> Result<(), Error> {
        self.fetch_bases(work).await?;
        report_begin(work.sink, Stage::Build, &self.build.tag);
        let sink = ProofSink::new(work.sink);
        work.engine.build(&self.build, &sink).await?;
        sink.end();
        report_end(work.sink, Stage::Build, &self.build.tag);
        Ok(())
    }

    /// Brings the images to the engine that the build starts from.
    pub(super) async fn fetch_bases(&self, work: &Work<'_, impl Engine>) -> Result<(), Error> {
        uv_image(work, &self.access, self.arch).await?;
        match &self.base {
            Some(base) => base.ready(work.engine, work.sink).await,
            None => Ok(()),
        }
    }
}

/// Removes incomplete files that a killed `up` left in the environment's state directory. The caller holds the
/// environment.
pub fn remove_old_images(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let half = |name: &str| HALF_WRITTEN.iter().any(|prefix| name.starts_with(prefix));
    let left = entries.filter_map(Result::ok).filter(|entry| half(&entry.file_name().to_string_lossy()));
    for entry in left {
        // A file that cannot be removed now is tried again next time.
        let _ = std::fs::remove_file(entry.path());
    }
}

/// Returns the bytes of a secret from a file; a secret from a variable is only named to the build.
fn users_secret(
    system: &System,
    manifest: &Manifest,
    project: &RootedDirectory,
    id: &str,
    build: &mut ImageBuild,
) -> Result<Option<Vec<u8>>, ReconcileError> {
    let Some(secret) = manifest.build.secrets.iter().find(|secret| secret.value.id() == id) else { return Ok(None) };
    let missing = |what: String| ReconcileError::SecretMissing {
        id: id.to_owned(),
        what,
        at: snippet_of(manifest, secret.span.as_ref(), "this secret"),
    };
    match secret.value.source() {
        SecretSource::File(path) => {
            let path = host_path(path, project.path(), &system.home());
            match project.read_named(&path, LARGEST_SECRET) {
                Err(error) if error.problem.is_missing() => Err(missing(format!("the file `{}`", path.display()))),
                read => Ok(Some(read.map_err(file_error(manifest, "build secret", secret))?)),
            }
        }
        SecretSource::Env(name) => {
            if !system.variables.contains_key(name.as_str()) {
                return Err(missing(format!("the variable `{name}`")));
            }
            build.secret_env.insert(id.to_owned(), name.to_string());
            Ok(None)
        }
    }
}

/// Returns the files of `[build] copy`, in the manifest's order. Links are followed only inside the project: a fresh
/// clone must not copy the host's files into an image.
pub fn collect_copies(
    manifest: &Manifest,
    project: &RootedDirectory,
) -> Result<Vec<BTreeMap<String, ContextFile>>, ReconcileError> {
    let mut total = TreeTotal::default();
    let mut copies = Vec::new();
    for copy in &manifest.build.copy {
        let refused =
            |error| ReconcileError::Copy { error, at: snippet_of(manifest, copy.span.as_ref(), "copied here") };
        copies.push(read_copied_tree(project, Path::new(copy.value.from.as_str()), &mut total).map_err(refused)?);
    }
    Ok(copies)
}

/// Returns the files by their path below the first one.
fn read_copied_tree(
    project: &RootedDirectory,
    from: &Path,
    total: &mut TreeTotal,
) -> Result<BTreeMap<String, ContextFile>, FileError> {
    let mut files = BTreeMap::new();
    for found in project.tree(from, COPIES, total) {
        let TreeFile { inside, path, file } = found?;
        let executable = file.is_executable();
        // The limit was checked with this size.
        let size = file.size();
        let bytes = file.bytes(size).map_err(|problem| FileError::read(&project.path().join(path), problem))?;
        files.insert(inside, ContextFile { bytes, executable });
    }
    Ok(files)
}

fn build_platform(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "linux/amd64",
        Arch::Aarch64 => "linux/arm64",
        Arch::Ppc64le => "linux/ppc64le",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::files::FileProblem;

    fn read(project: &Path, from: &str) -> Result<BTreeMap<String, ContextFile>, FileError> {
        read_copied_tree(&RootedDirectory::open(project).unwrap(), Path::new(from), &mut TreeTotal::default())
    }

    #[test]
    fn a_tree_with_its_modes() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("tools/deep")).unwrap();
        std::fs::write(dir.path().join("tools/run"), "x").unwrap();
        std::fs::set_permissions(dir.path().join("tools/run"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(dir.path().join("tools/deep/data"), "y").unwrap();
        let files = read(dir.path(), "tools").unwrap();
        let seen: Vec<_> = files.iter().map(|(path, file)| (path.as_str(), file.executable)).collect();
        assert_eq!(seen, [("deep/data", false), ("run", true)]);
        let one = read(dir.path(), "tools/run").unwrap();
        assert_eq!(one.keys().collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn a_link_stays_inside_the_project() {
        let (project, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let tools = project.path().join("tools");
        std::fs::create_dir(&tools).unwrap();
        std::fs::write(project.path().join("near"), "x").unwrap();
        std::fs::write(outside.path().join("secret"), "y").unwrap();
        symlink("../near", tools.join("near")).unwrap();
        assert_eq!(read(project.path(), "tools").unwrap()["near"].bytes, b"x");
        symlink(outside.path().join("secret"), tools.join("far")).unwrap();
        let refused = read(project.path(), "tools").unwrap_err();
        assert!(matches!(refused.problem, FileProblem::Leaves { .. }), "{refused}");
        std::fs::remove_file(tools.join("far")).unwrap();
        symlink("..", tools.join("up")).unwrap();
        let refused = read(project.path(), "tools").unwrap_err();
        assert!(matches!(refused.problem, FileProblem::Circular), "{refused}");
    }
}
