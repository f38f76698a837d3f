//! The context, with what its steps need, as the engine's own request for an image.

use std::collections::BTreeMap;
use std::path::Path;

use super::{BuildContext, ContextSecret};
use crate::engine::ImageBuild;
use crate::manifest::{Manifest, SecretSource};
use crate::packages::Access;
use crate::system::System;

impl BuildContext {
    /// The build of an image `tag`.
    #[must_use]
    pub fn image_build(
        &self,
        tag: String,
        manifest: &Manifest,
        access: &Access,
        project: &Path,
        system: &System,
    ) -> ImageBuild {
        let mut build =
            ImageBuild { tag, context: self.tar(), build_args: self.build_args.clone(), ..ImageBuild::default() };
        let sources: BTreeMap<&str, &SecretSource> =
            manifest.build.secrets.iter().map(|secret| (secret.value.id.as_str(), &secret.value.source)).collect();
        for secret in &self.secrets {
            let file = match secret {
                ContextSecret::Certificates => access.bundle().map(Path::to_path_buf),
                ContextSecret::Index => access.index_file().map(Path::to_path_buf),
                ContextSecret::User(id) => match sources.get(id.as_str()) {
                    Some(SecretSource::File(path)) => Some(on_host(path, project, system)),
                    Some(SecretSource::Env(name)) => {
                        build.secret_env.insert(id.clone(), name.to_string());
                        None
                    }
                    None => None,
                },
            };
            build.secret_files.extend(file.map(|file| (secret.id().to_owned(), file)));
        }
        build
    }
}

fn on_host(path: &Path, project: &Path, system: &System) -> std::path::PathBuf {
    path.strip_prefix("~").map_or_else(|_| project.join(path), |rest| system.home().join(rest))
}
