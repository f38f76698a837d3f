//! Runs code of packages in a throw-away container, to know what they need.
//!
//! It is a build of the engine's: it has the environment's base, Python and compilers, no directory of this host, and it
//! ends with this command. Its image holds the answer alone, is read through a container that never starts, and is
//! removed.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;

use super::base::{self, BaseImage, Made};
use super::work::{Effects, Work};
use super::{ReconcileError, image};
use crate::engine::{ContainerSpec, Engine, LOCAL_IMAGES};
use crate::error::Result;
use crate::event::Notice;
use crate::files;
use crate::grants::Agreed;
use crate::lock::{Lock, LockedTarget};
use crate::matrix::Matrix;
use crate::packages::{Access, CompileAnswer, CompileJob, SourceNotes, SourceRunner};
use crate::render::{self, ANSWER_NOTES, ANSWER_OUTPUT, ANSWER_STATUS, ANSWER_WORDS};
use crate::resolve::Decision;

/// The label of what is made here, so that nobody takes it for an environment.
const ANSWER_LABEL: &str = "envctl.answer";

/// Builds of one engine that answer.
pub struct SourceNeeds<'a, E> {
    pub work: Work<'a, E>,
    pub agreed: &'a Agreed<'a>,
    pub matrix: &'a Matrix,
    /// Whether bases are made here and not pulled.
    pub bootstrapped: bool,
    /// The number of questions so far.
    pub asked: Cell<usize>,
}

impl<E> fmt::Debug for SourceNeeds<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceNeeds").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl<E: Engine> SourceRunner for SourceNeeds<'_, E> {
    fn compile<'a>(
        &'a self,
        decision: &'a Decision,
        job: &'a CompileJob,
    ) -> Pin<Box<dyn Future<Output = Result<CompileAnswer>> + 'a>> {
        Box::pin(self.ask(decision, job))
    }
}

impl<E: Engine> SourceNeeds<'_, E> {
    async fn ask(&self, decision: &Decision, job: &CompileJob) -> Result<CompileAnswer> {
        let Self { work, agreed, matrix, bootstrapped, asked } = self;
        asked.set(asked.get() + 1);
        if asked.get() == 1 {
            work.sink.emit(Notice::AskingSources.into());
        }
        let Work { engine, system, environment, options, .. } = work;
        let (manifest, project) = (&environment.manifest, &environment.project.directory);
        let lock = Lock {
            inputs: std::collections::BTreeMap::new(),
            target: LockedTarget::default(),
            decision: decision.clone(),
            base_digest: None,
            packages: Vec::new(),
            builds: Vec::new(),
            system_packages: Vec::new(),
        };
        let made = if *bootstrapped {
            base::make_bases(work, &lock, matrix, Effects::Allowed).await?
        } else {
            Made::default()
        };
        let access = Access::new(agreed, project, system)?;
        let nonce = format!("{}-{}-{}", system.now(), std::process::id(), asked.get());
        let inputs = render::ImageInputs {
            lock: &lock,
            manifest,
            base: made.base.as_deref(),
            fetch_base: None,
            certificates: access.bundle().is_some(),
            own_index: access.indexes().is_own(),
            proxies: access.proxies(),
            copies: &[],
            proofs: &[],
            environment: Some(environment.id.as_str()),
        };
        let context = render::source_question(&inputs, job, &nonce)?;
        let mut recipe = image::write_recipe(system, manifest, project, &context, decision.arch, access)?;
        let reference = made.base.unwrap_or_else(|| render::base_image(&lock, manifest));
        recipe.base = Some(BaseImage::new(reference, &lock, *bootstrapped, options.pull));
        recipe.build.tag = format!("{LOCAL_IMAGES}/answer:{}-{nonce}", environment.id);
        recipe.build.labels = [(ANSWER_LABEL.to_owned(), environment.id.to_string())].into();
        recipe.fetch_bases(work).await?;
        engine.build(&recipe.build, work.sink).await?;
        let answer = self.read(&recipe.build.tag).await;
        engine.remove_image(&recipe.build.tag).await?;
        answer
    }

    /// Reads the answer in an image.
    async fn read(&self, tag: &str) -> Result<CompileAnswer> {
        let Work { engine, environment, .. } = &self.work;
        let spec = ContainerSpec {
            name: format!("envctl-answer-{}-{}", environment.id, std::process::id()),
            image: tag.to_owned(),
            labels: [(ANSWER_LABEL.to_owned(), environment.id.to_string())].into(),
            // It never starts.
            command: vec!["/none".to_owned()],
            ..ContainerSpec::default()
        };
        engine.remove(&spec.name).await?;
        let container = engine.create(&spec).await?.0;
        let file = async |path: &str| -> Result<Option<String>> {
            let bytes = engine.download(&container, path, files::DOCUMENT).await?;
            Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        };
        let (status, words, output) = (file(ANSWER_STATUS).await, file(ANSWER_WORDS).await, file(ANSWER_OUTPUT).await);
        let notes = file(ANSWER_NOTES).await;
        engine.remove(&container).await?;
        let (status, words, output) = (status?, words?.unwrap_or_default(), output?);
        if status.is_none() {
            return Err(ReconcileError::NoAnswer.into());
        }
        let notes = SourceNotes::parse(&notes?.unwrap_or_default());
        Ok(CompileAnswer { output, words, notes })
    }
}
