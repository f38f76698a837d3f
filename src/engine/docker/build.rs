//! Builds images with `BuildKit` in the engine, over two connections.
//!
//! One connection builds through `bollard`, which serves the context and the secrets. The other is envctl's own and
//! receives the progress of the same build.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use bollard::grpc::BuildRef;
use bollard::grpc::build::moby::buildkit::v1::control_client::ControlClient;
use bollard::grpc::build::moby::buildkit::v1::{StatusRequest, StatusResponse};
use bollard::grpc::build::{
    ImageBuildFrontendOptions, ImageBuildFrontendOptionsBuilder, ImageBuildLoadInput, ImageBuildPlatform, SecretSource,
};
use bollard::grpc::driver::Build;
use bollard::grpc::driver::moby::Moby;
use bollard::grpc::error::GrpcError;
use futures_util::future::{Either, select};
use tonic::transport::{Channel, Endpoint};

use super::hijack::HijackError;
use super::progress::BuildProgress;
use super::refusal::{RefusedRequest, RequestSubject, classify_refusal};
use super::{Docker, hijack};
use crate::engine::{BuildCause, BuildFailure, EngineError, ImageBuild, ImageId, dockerfile_line};
use crate::event::Sink;

/// The time limit for the last messages of a build that is over.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The number of new attempts, and the pause before each, for a build that joined a build without a caller.
const AGAIN: (usize, Duration) = (20, Duration::from_millis(250));

impl Docker {
    pub(super) async fn run_build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        let (times, pause) = AGAIN;
        for _ in 0..times {
            match self.build_once(build, sink).await {
                Err(error) if lost_its_caller(&error) => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.build_once(build, sink).await
    }

    async fn build_once(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        // `bollard`'s session fetches registry tokens in this process; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dockerfile = find_dockerfile(&build.context);
        let logins = self.credentials.of_dockerfile(&dockerfile).await;
        let logins: HashMap<&str, _> = logins.iter().map(|(host, login)| (host.as_str(), login.clone())).collect();
        let reference = BuildRef::random();
        let channel = self.control_channel().await?;
        let mut progress = BuildProgress::default();
        let solved = {
            let context = ImageBuildLoadInput::Upload(build.context.clone().into());
            let solve = Moby::new(&self.client).docker_build(
                &build.tag,
                build_options(build),
                context,
                Some(logins),
                Some(reference.clone()),
            );
            let solve = pin!(solve);
            let reference = reference.as_ref().to_owned();
            let listen = pin!(follow_build(channel, reference, self.patience.work, &mut progress, sink));
            match select(solve, listen).await {
                Either::Left((solved, listen)) => {
                    let _ = tokio::time::timeout(LAST_WORDS, listen).await;
                    solved
                }
                Either::Right((Heard::Nothing, _)) => return Err(self.silent("begin the build", self.patience.work)),
                // The build continues without its progress; only its result matters.
                Either::Right((Heard::Progress, solve)) => solve.await,
            }
        };
        match solved {
            Ok(()) => self.built(&build.tag).await,
            Err(error) => Err(self.unbuilt(error, &mut progress, &dockerfile)),
        }
    }

    async fn built(&self, tag: &str) -> Result<ImageId, EngineError> {
        let inspect = self.client.inspect_image(tag);
        let image = self.within(self.patience.usual, "inspect the image", RequestSubject::Image(tag), inspect).await?;
        Ok(ImageId(image.id.unwrap_or_default()))
    }

    fn unbuilt(&self, error: GrpcError, progress: &mut BuildProgress, dockerfile: &str) -> EngineError {
        let reason = match error {
            GrpcError::TonicStatus { err } => err.message().to_owned(),
            GrpcError::DockerError { err } => {
                return self.attempt("build the image", RequestSubject::Engine).failed(err);
            }
            other => return self.attempt("build the image", RequestSubject::Engine).broken(&other),
        };
        build_failure(&reason, progress, dockerfile)
    }

    async fn control_channel(&self) -> Result<Channel, EngineError> {
        let address = self.address.clone();
        let connector = tower::service_fn(move |_: http::Uri| {
            let address = address.clone();
            async move { hijack::open_stream(&address, "/grpc", "h2c", Vec::new()).await.map_err(std::io::Error::other) }
        });
        let endpoint = Endpoint::from_static("http://docker");
        let connect = endpoint.connect_with_connector(connector);
        let Ok(channel) = tokio::time::timeout(self.patience.usual, connect).await else {
            return Err(self.silent("open a channel for the build", self.patience.usual));
        };
        channel.map_err(|error| match refuse_build(&error) {
            Some((404, _)) => EngineError::Refused {
                action: "build the image".into(),
                reason: "it has no BuildKit (Docker 20.10 or newer is needed)".into(),
            },
            Some((_, text)) => self.attempt("build the image", RequestSubject::Engine).refused(&text),
            None => self.attempt("build the image", RequestSubject::Engine).broken(&error),
        })
    }
}

/// Whether the builder joined this build to an equal build that it is still ending. The process that requested that
/// build was killed or interrupted.
fn lost_its_caller(error: &EngineError) -> bool {
    matches!(error, EngineError::BuildFailed(failure) if failure.reason.contains("no active session"))
}

/// Returns the engine's own answer from an error of the connection.
fn refuse_build(error: &(dyn std::error::Error + 'static)) -> Option<(u16, String)> {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(HijackError::Refused { status, text }) = inner.and_then(|inner| inner.downcast_ref()) {
            return Some((*status, text.clone()));
        }
        next = error.source();
    }
    None
}

/// The result of listening to a build.
enum Heard {
    /// The progress, until its end or until it broke off.
    Progress,
    /// No message, not even about the start.
    Nothing,
}

/// Passes progress on until the build ends. It may start before the build, because the engine waits for a build of
/// this name. The engine reports a build's first step at once; later steps can be silent while they compile.
async fn follow_build(
    channel: Channel,
    reference: String,
    patience: Duration,
    progress: &mut BuildProgress,
    sink: &dyn Sink,
) -> Heard {
    let mut client = ControlClient::new(channel).max_decoding_message_size(64 << 20);
    let begin = async {
        let mut stream = client.status(StatusRequest { r#ref: reference }).await.ok()?.into_inner();
        let first = stream.message().await.ok()??;
        Some((stream, first))
    };
    let (mut stream, first) = match tokio::time::timeout(patience, begin).await {
        Err(_) => return Heard::Nothing,
        Ok(None) => return Heard::Progress,
        Ok(Some(both)) => both,
    };
    report_line(first, progress, sink);
    while let Ok(Some(message)) = stream.message().await {
        report_line(message, progress, sink);
    }
    Heard::Progress
}

fn report_line(message: StatusResponse, progress: &mut BuildProgress, sink: &dyn Sink) {
    for event in progress.take(message) {
        sink.emit(event);
    }
}

/// Returns the builder's options, without the context.
fn build_options(build: &ImageBuild) -> ImageBuildFrontendOptions {
    let ImageBuild { tag: _, context: _, build_args, labels, secret_files, secret_env, platform, no_cache } = build;
    let mut options = ImageBuildFrontendOptionsBuilder::new().nocache(*no_cache);
    for (name, value) in build_args {
        options = options.buildarg(name, value);
    }
    for (name, value) in labels {
        options = options.label(name, value);
    }
    for (id, path) in secret_files {
        options = options.set_secret(id, &SecretSource::File(path.clone()));
    }
    for (id, variable) in secret_env {
        options = options.set_secret(id, &SecretSource::Env(variable.clone()));
    }
    if let Some((os, architecture)) = platform.split_once('/') {
        let (architecture, variant) =
            architecture.split_once('/').map_or((architecture, None), |(a, v)| (a, Some(v.to_owned())));
        options = options.platforms(&ImageBuildPlatform { architecture: architecture.into(), os: os.into(), variant });
    }
    options.build()
}

/// Turns the builder's refusal into an error with the failed step.
fn build_failure(reason: &str, progress: &mut BuildProgress, dockerfile: &str) -> EngineError {
    let words = builder_words(reason).to_owned();
    let parse_line = line_named(reason);
    let failed = progress.failed(reason);
    if let Some(failed) = &failed
        && let Some(reference) = failed.name.strip_prefix("[internal] load metadata for ")
    {
        let asked = RefusedRequest { action: "pull the base image", subject: RequestSubject::Image(reference) };
        return classify_refusal(&failed.error, asked);
    }
    let (step, log) = match failed {
        Some(failed) if parse_line.is_none() => (failed.name, failed.log),
        _ => ("Dockerfile".to_owned(), Vec::new()),
    };
    let line = parse_line.or_else(|| dockerfile_line(dockerfile, &step));
    let cause = BuildCause::of(reason, &log);
    EngineError::BuildFailed(Box::new(BuildFailure { step, line, log, reason: words, cause }))
}

/// `dockerfile parse error line 2: …`, `dockerfile parse error on line 2: …`
fn line_named(reason: &str) -> Option<usize> {
    let (_, rest) = reason.split_once("dockerfile parse error ")?;
    let rest = rest.strip_prefix("on ").unwrap_or(rest).strip_prefix("line ")?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// Returns the builder's message without the RPC layers around it.
fn builder_words(reason: &str) -> &str {
    const LAYERS: &[&str] = &[
        "rpc error: code = Unknown desc = ",
        "failed to solve: ",
        "failed to solve with frontend dockerfile.v0: ",
        "failed to solve with frontend gateway.v0: ",
        "failed to create LLB definition: ",
        "failed to build LLB: ",
    ];
    let mut rest = reason.trim();
    while let Some(inner) = LAYERS.iter().find_map(|layer| rest.strip_prefix(layer)) {
        rest = inner;
    }
    rest
}

/// Returns the Dockerfile in the context; empty if it is missing, which the builder reports itself.
fn find_dockerfile(context: &[u8]) -> String {
    let mut archive = tar::Archive::new(context);
    let Ok(entries) = archive.entries() else { return String::new() };
    for mut entry in entries.flatten() {
        let is_it = entry.path().is_ok_and(|path| path.as_ref() == std::path::Path::new("Dockerfile"));
        let mut text = String::new();
        if is_it && std::io::Read::read_to_string(&mut entry, &mut text).is_ok() {
            return text;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests;
