//! The build that asks packages what they need, where only their own code says so. It ends with an image that holds
//! uv's answer alone.
//!
//! Its first stages are those of the environment's image, so that the builder makes them once.

use std::collections::BTreeMap;

use super::dockerfile::{ImageGoal, dockerfile};
use super::template::Template;
use super::words::{ShellWord, Unquotable};
use super::{BuildContext, ContextFile, ContextSecret, ImageInputs, RenderError};
use crate::packages::CompileJob;

/// The file with uv's exit code.
pub const ANSWER_STATUS: &str = "/status";

/// The file with uv's messages.
pub const ANSWER_WORDS: &str = "/words";

/// The file with uv's result.
pub const ANSWER_OUTPUT: &str = "/output";

/// The file with what was there while packages were asked, a line for each time.
pub const ANSWER_NOTES: &str = "/notes";

/// The context of such a build. `nonce` keeps the builder from giving an older answer: an index changes.
pub fn source_question(inputs: &ImageInputs<'_>, job: &CompileJob, nonce: &str) -> Result<BuildContext, RenderError> {
    #[derive(serde::Serialize)]
    struct Values {}
    let plain = |text: String| ContextFile { bytes: text.into_bytes(), executable: false };
    let mut files = BTreeMap::new();
    files.insert("Dockerfile".to_owned(), plain(dockerfile(inputs, &[], ImageGoal::Answer)?));
    let ask = ContextFile { bytes: ask(job)?.into_bytes(), executable: true };
    files.insert("question/ask".to_owned(), ask);
    files.insert("question/python/sitecustomize.py".to_owned(), plain(Template::SourcesNote.fill(&Values {})));
    files.insert("question/nonce".to_owned(), plain(nonce.to_owned()));
    for (name, text) in &job.files {
        files.insert(format!("question/files/{name}"), plain(text.clone()));
    }
    let index = if inputs.lock.decision.os.is_none() { ContextSecret::Addresses } else { ContextSecret::Index };
    let secrets = [(inputs.certificates, ContextSecret::Certificates), (inputs.own_index, index)];
    let secrets = secrets.into_iter().filter_map(|(wanted, secret)| wanted.then_some(secret)).collect();
    Ok(BuildContext { files, secrets, build_args: inputs.proxies.clone() })
}

/// The script that runs uv. A failure of uv is an answer.
fn ask(job: &CompileJob) -> Result<String, Unquotable> {
    let arguments = job.arguments.iter().map(|argument| Ok(ShellWord::new(argument)?.as_str().to_owned()));
    let arguments = arguments.collect::<Result<Vec<_>, Unquotable>>()?.join(" ");
    let output = ShellWord::new(job.output)?;
    Ok(format!(
        "#!/bin/sh\nset -eu\nanswer=/var/lib/envctl-answer\nmkdir \"$answer\"\n\
         cp -r /run/envctl/question/files /var/tmp/envctl-question\ncd /var/tmp/envctl-question\nstatus=0\n\
         export ENVCTL_NOTES=\"$answer/notes\" PYTHONPATH=/run/envctl/question/python\n\
         /run/envctl/uv \"$@\" --no-progress --color never --no-python-downloads pip compile {arguments} \
         --python /opt/envctl/interpreter 2>\"$answer/words\" >/dev/null || status=$?\n\
         echo \"$status\" >\"$answer/status\"\n[ \"$status\" -ne 0 ] || cp {} \"$answer/output\"\n",
        output.as_str()
    ))
}
