//! Renders the lock and the manifest into the Dockerfile, the entrypoint and `sshd_config`.
//!
//! The function is pure: the same input gives the same bytes, without a host path, name, key, secret or time. Templates
//! receive only words that are already quoted for their place ([`words`]). It refuses a distribution without apt and a
//! Python older than 3.6, because it has no templates for them.

use std::collections::BTreeMap;

mod append;
pub mod carried;
mod context;
mod dockerfile;
mod error;
mod image_inputs;
mod instruction;
mod proof_step;
mod requirements;
mod source_files;
mod source_question;
mod sshd;
mod template;
pub mod words;

#[cfg(test)]
mod tests;

pub use append::{LineRefusal, RefusedLine, judge as judge_lines};
pub use context::{BuildContext, ContextFile, ContextSecret};
use dockerfile::ImageGoal;
pub use dockerfile::{FETCH_BASE, base_image};
pub use error::RenderError;
pub use image_inputs::ImageInputs;
pub use instruction::{Ambiguity, Instruction, Unreadable, dockerfile_instructions};
pub use source_question::{ANSWER_NOTES, ANSWER_OUTPUT, ANSWER_STATUS, ANSWER_WORDS, source_question};
pub use sshd::{SessionEnv, SshdSocket, sshd_config};
pub use template::has_template;

/// Renders the build context.
pub fn context(inputs: &ImageInputs<'_>) -> Result<BuildContext, RenderError> {
    let layers = requirements::layers(inputs.lock);
    let plain = |text: String| ContextFile { bytes: text.into_bytes(), executable: false };
    let mut files = BTreeMap::new();
    files.insert("Dockerfile".to_owned(), plain(dockerfile::dockerfile(inputs, &layers, ImageGoal::Environment)?));
    files.insert("entrypoint".to_owned(), ContextFile { bytes: entrypoint().into_bytes(), executable: true });
    for layer in layers {
        for group in layer.groups {
            files.insert(format!("{}/{}", layer.directory, group.file), plain(group.text));
        }
    }
    files.extend(source_files::files(inputs.lock));
    files.extend(proof_step::proof_files(inputs).into_iter().map(|(path, text)| (path, plain(text))));
    for (at, copy) in inputs.copies.iter().enumerate() {
        for (path, file) in copy {
            let separator = if path.is_empty() { "" } else { "/" };
            files.insert(format!("copy/{at}{separator}{path}"), file.clone());
        }
    }
    Ok(BuildContext { files, secrets: secrets(inputs), build_args: inputs.proxies.clone() })
}

/// The script that each start of the container runs as root, before any user's command.
#[must_use]
pub fn entrypoint() -> String {
    #[derive(serde::Serialize)]
    struct Values {}
    template::Template::Entrypoint.fill(&Values {})
}

fn secrets(inputs: &ImageInputs<'_>) -> Vec<ContextSecret> {
    let manifest = inputs.manifest;
    let own_image = inputs.lock.decision.os.is_none();
    let ours = [
        (inputs.certificates, ContextSecret::Certificates),
        (inputs.own_index, ContextSecret::Index),
        (inputs.own_index && (own_image || source_files::has_sources(inputs.lock)), ContextSecret::Addresses),
    ];
    let users = manifest.build.secrets.iter().map(|secret| ContextSecret::User(secret.value.id().to_owned()));
    ours.into_iter().filter_map(|(wanted, secret)| wanted.then_some(secret)).chain(users).collect()
}
