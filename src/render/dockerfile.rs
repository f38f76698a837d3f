//! Computes the values of the Dockerfile from the lock and the manifest.
//!
//! The Dockerfile uses only the syntax of Docker 20.10's built-in frontend: no `# syntax` line, no here-documents, no
//! `COPY --link`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::proof_step::{ProofSteps, proof_steps};
use super::requirements::RequirementsLayer;
use super::template::Template;
use super::words::{CopyForm, DockerfileLines, DockerfileWord, ExecForm, MountWord, ShellWord, Unquotable};
use super::{ImageInputs, RenderError, append, has_template, source_files};
use crate::lock::Lock;
use crate::manifest::{Manifest, Network, Url};
use crate::matrix::rows::is_page_of_links;
use crate::packages::{tool, uv_platform};
use crate::resolve::{Decision, PythonSource};

const CERTIFICATES: &str = "/run/secrets/envctl-ca";

/// The certificate variables. Each program in a build step has its own name for the same file.
const CERTIFICATE_VARIABLES: [&str; 5] =
    ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"];

#[derive(Serialize)]
struct DockerfileValues {
    base: DockerfileWord,
    /// The fetch stage, for a user's own image.
    fetch: Option<Fetch>,
    /// The shared apt cache. `None`: the programs of a user's own image get no cache that other environments trust.
    apt: Option<AptCache>,
    system: Vec<SystemLayer>,
    certificates: bool,
    own_index: bool,
    sources: Option<SourceStages>,
    /// Whether the build ends with an answer, after the compilers.
    answers: bool,
    own_image: bool,
    uv: MountWord,
    python: PythonValues,
    python_packages: Vec<PythonLayer>,
    proof: ProofSteps,
    user_steps: bool,
    arguments: Vec<Argument>,
    copies: Vec<CopyForm>,
    mounts: Vec<MountWord>,
    runs: Vec<ExecForm>,
    append: Option<DockerfileLines>,
}

/// The stage that fetches packages for a user's own image, with programs of a known distribution. So no program of the
/// user's image runs while a secret is mounted.
#[derive(Serialize)]
struct Fetch {
    base: DockerfileWord,
    apt: AptCache,
    mirror: Option<Vec<ShellWord>>,
    /// The platform of the wheels: `--python-version 3.11 --python-platform x86_64-manylinux_2_28`.
    target: Vec<ShellWord>,
}

/// The apt cache, with fixed names that every project shares. Each distribution has its own cache, because `apt-get
/// update` deletes other lists.
#[derive(Serialize)]
struct AptCache {
    cache: MountWord,
    lists: MountWord,
}

/// The stages that build packages without a wheel.
#[derive(Serialize)]
struct SourceStages {
    /// `sed` expressions for the mirror. `None`: a layer before has them.
    mirror: Option<Vec<ShellWord>>,
    compilers: Vec<ShellWord>,
}

#[derive(Serialize)]
struct SystemLayer {
    /// `sed` expressions for the mirror. `None`: the archives of the base or of the layer before.
    mirror: Option<Vec<ShellWord>>,
    packages: Vec<ShellWord>,
}

#[derive(Serialize)]
struct PythonValues {
    managed: bool,
    mirror: Option<ShellWord>,
    version: ShellWord,
}

#[derive(Serialize)]
struct PythonLayer {
    title: &'static str,
    /// The stage that fetches the packages for a user's own image.
    stage: MountWord,
    directory: &'static str,
    groups: Vec<PythonGroup>,
}

#[derive(Serialize)]
struct PythonGroup {
    file: ShellWord,
    index: Option<ShellWord>,
    links: Option<ShellWord>,
    own_index: bool,
}

#[derive(Serialize)]
struct Argument {
    name: DockerfileWord,
    value: DockerfileWord,
}

/// What a build is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImageGoal {
    /// What a container starts from.
    Environment,
    /// An answer about packages whose own code says what they need.
    Answer,
}

/// The Dockerfile's text.
pub(super) fn dockerfile(
    inputs: &ImageInputs<'_>,
    layers: &[RequirementsLayer],
    goal: ImageGoal,
) -> Result<String, RenderError> {
    let manifest = inputs.manifest;
    let decision = &inputs.lock.decision;
    has_template(decision.os.as_deref(), &decision.python)?;
    let base = inputs.base.map_or_else(|| base_image(inputs.lock, manifest), str::to_owned);
    let system = system(manifest, decision)?;
    let answers = goal == ImageGoal::Answer;
    let proof = proof_steps(inputs, || mirror_of(manifest, decision, &system))?;
    let values = DockerfileValues {
        base: DockerfileWord::new(&base)?,
        fetch: (decision.os.is_none() && !answers).then(|| fetch(inputs)).transpose()?,
        answers,
        own_image: decision.os.is_none(),
        apt: decision.os.as_deref().map(apt_cache).transpose()?,
        certificates: inputs.certificates,
        own_index: inputs.own_index,
        sources: source_stages(inputs.lock, &system, manifest, answers)?,
        system,
        uv: MountWord::new(&tool::image_reference())?,
        python: python(decision, &manifest.network)?,
        python_packages: layers
            .iter()
            .enumerate()
            .map(|(at, layer)| python_layer(at, layer, inputs.own_index))
            .collect::<Result<_, _>>()?,
        proof,
        user_steps: has_user_steps(manifest),
        arguments: arguments(manifest)?,
        copies: copies(manifest)?,
        mounts: mounts(inputs)?,
        runs: runs(inputs),
        append: own_lines(manifest, inputs.environment)?,
    };
    Ok(Template::Dockerfile.fill(&values))
}

/// The distribution with the programs that fetch packages for a user's own image. The matrix has a row for it.
pub const FETCH_BASE: &str = "debian:12";

/// The base image of the lock and the manifest. If a registry gave a digest, the name includes it: then the build asks
/// no registry, and the tag can move.
#[must_use]
pub fn base_image(lock: &Lock, manifest: &Manifest) -> String {
    let decision = &lock.decision;
    let name = match decision.os {
        Some(_) => mirrored(&decision.base_image, &manifest.network),
        None => decision.base_image.clone(),
    };
    match &lock.base_digest {
        Some(digest) if !name.contains('@') => format!("{name}@{digest}"),
        _ => name,
    }
}

fn mirrored(image: &str, network: &Network) -> String {
    match &network.image_mirror {
        Some(mirror) => format!("{}/{image}", mirror.value.as_str()),
        None => image.to_owned(),
    }
}

fn fetch(inputs: &ImageInputs<'_>) -> Result<Fetch, RenderError> {
    let decision = &inputs.lock.decision;
    let network = &inputs.manifest.network;
    let base = inputs.fetch_base.map_or_else(|| mirrored(FETCH_BASE, network), str::to_owned);
    let version = decision.python.to_string();
    // If uv has no name for the platform, no packages were resolved for it.
    let platform = uv_platform(decision);
    let platform = platform.iter().flat_map(|platform| ["--python-platform", platform.as_str()]);
    let target = ["--python-version", version.as_str()].into_iter().chain(platform);
    let distribution = FETCH_BASE.split(':').next();
    Ok(Fetch {
        base: DockerfileWord::new(&base)?,
        apt: apt_cache(FETCH_BASE)?,
        mirror: apt_mirror(network, distribution)?,
        target: target.map(ShellWord::new).collect::<Result<_, _>>()?,
    })
}

fn source_stages(
    lock: &Lock,
    system: &[SystemLayer],
    manifest: &Manifest,
    answers: bool,
) -> Result<Option<SourceStages>, Unquotable> {
    if !source_files::has_sources(lock) && !answers {
        return Ok(None);
    }
    let distribution = lock.decision.os.as_deref().and_then(|os| os.split(':').next());
    let mirror = if system.is_empty() { apt_mirror(&manifest.network, distribution)? } else { None };
    let compilers = source_files::compilers(lock).into_iter().map(ShellWord::new).collect::<Result<_, _>>()?;
    Ok(Some(SourceStages { mirror, compilers }))
}

fn apt_cache(os: &str) -> Result<AptCache, RenderError> {
    let os = os.replace(':', "-");
    let name = |what: &str| MountWord::new(&format!("envctl-apt-{what}-{os}"));
    Ok(AptCache { cache: name("cache")?, lists: name("lists")? })
}

/// The distribution packages of every environment and of the frameworks, without the manifest's own packages.
fn system(manifest: &Manifest, decision: &Decision) -> Result<Vec<SystemLayer>, Unquotable> {
    let mut first = BTreeSet::new();
    if manifest.ssh.enabled {
        first.extend(["openssh-server", "rsync"]);
    }
    if decision.python_source != PythonSource::Managed {
        first.insert("python3");
    }
    for framework in &decision.frameworks {
        first.extend(framework.system_packages.iter().map(String::as_str));
    }
    let own: BTreeSet<&str> = manifest.system.packages.iter().map(|package| package.value.as_str()).collect();
    let own: BTreeSet<&str> = own.difference(&first).copied().collect();
    let mut mirror = apt_mirror(&manifest.network, distribution(decision))?;
    let filled = [first, own].into_iter().filter(|packages| !packages.is_empty());
    filled
        .map(|packages| {
            let packages = packages.into_iter().map(ShellWord::new).collect::<Result<_, _>>()?;
            Ok(SystemLayer { mirror: mirror.take(), packages })
        })
        .collect()
}

/// The expressions for the mirror, unless a layer of packages has used them.
fn mirror_of(
    manifest: &Manifest,
    decision: &Decision,
    system: &[SystemLayer],
) -> Result<Option<Vec<ShellWord>>, Unquotable> {
    if system.is_empty() { apt_mirror(&manifest.network, distribution(decision)) } else { Ok(None) }
}

fn distribution(decision: &Decision) -> Option<&str> {
    decision.os.as_deref().and_then(|os| os.split(':').next())
}

fn apt_mirror(network: &Network, distribution: Option<&str>) -> Result<Option<Vec<ShellWord>>, Unquotable> {
    network.apt_mirror.as_ref().map(|mirror| mirror_expressions(&mirror.value, distribution)).transpose()
}

/// The `sed` expressions of a mirror. On every mirror the path of the archive ends in the distribution's name. The
/// security archive is beside it on most mirrors.
fn mirror_expressions(mirror: &Url, distribution: Option<&str>) -> Result<Vec<ShellWord>, Unquotable> {
    let mirror = mirror.as_str().trim_end_matches('/');
    let literal = mirror.replace('\\', r"\\").replace('&', r"\&").replace('#', r"\#");
    let name = distribution.unwrap_or("debian|ubuntu");
    let archive = |suffix: &str| format!(r"s#https?://[^ ]+/({name}){suffix}/?( |$)#{literal}{suffix}\2#");
    [archive(""), archive("-security")].iter().map(|expression| ShellWord::new(expression)).collect()
}

fn python(decision: &Decision, network: &Network) -> Result<PythonValues, RenderError> {
    let version = decision.python.to_string();
    let managed = decision.python_source == PythonSource::Managed;
    let wanted = match decision.python_source {
        PythonSource::Distribution => format!("/usr/bin/python{version}"),
        PythonSource::Managed | PythonSource::Image => version,
    };
    let mirror = network.python_mirror.as_ref().map(|url| ShellWord::new(url.value.as_str())).transpose()?;
    Ok(PythonValues { managed, mirror, version: ShellWord::new(&wanted)? })
}

fn python_layer(at: usize, layer: &RequirementsLayer, own_index: bool) -> Result<PythonLayer, Unquotable> {
    let groups = layer.groups.iter().map(|group| {
        let address = |links| group.index.as_deref().filter(|index| is_page_of_links(index) == links);
        Ok(PythonGroup {
            file: ShellWord::new(&group.file)?,
            index: address(false).map(ShellWord::new).transpose()?,
            links: address(true).map(ShellWord::new).transpose()?,
            own_index: own_index && group.index.is_none(),
        })
    });
    Ok(PythonLayer {
        title: layer.title,
        stage: MountWord::new(&format!("envctl-fetch-{at}"))?,
        directory: layer.directory,
        groups: groups.collect::<Result<_, _>>()?,
    })
}

fn has_user_steps(manifest: &Manifest) -> bool {
    let build = &manifest.build;
    !(build.run.is_empty() && build.copy.is_empty() && build.args.is_empty())
}

fn arguments(manifest: &Manifest) -> Result<Vec<Argument>, Unquotable> {
    let arguments = manifest.build.args.iter().map(|(name, value)| {
        Ok(Argument { name: DockerfileWord::new(name.as_str())?, value: DockerfileWord::new(&value.value)? })
    });
    arguments.collect()
}

/// The `COPY` instructions. The copies have numbers as names in the context, because a `*` in a path would be a
/// pattern.
fn copies(manifest: &Manifest) -> Result<Vec<CopyForm>, Unquotable> {
    let copies = manifest.build.copy.iter().enumerate();
    copies.map(|(at, copy)| CopyForm::new(&format!("copy/{at}"), copy.value.to.as_str())).collect()
}

/// The secrets that the manifest's `run` lines can read: its own, and the certificates.
fn mounts(inputs: &ImageInputs<'_>) -> Result<Vec<MountWord>, Unquotable> {
    let own = inputs.manifest.build.secrets.iter().map(|secret| MountWord::secret(secret.value.id()));
    inputs.certificates.then_some("envctl-ca").map(MountWord::secret).into_iter().chain(own).collect()
}

fn runs(inputs: &ImageInputs<'_>) -> Vec<ExecForm> {
    let variables: Vec<String> = if inputs.certificates {
        CERTIFICATE_VARIABLES.iter().map(|name| format!("{name}={CERTIFICATES}")).collect()
    } else {
        Vec::new()
    };
    let command = |line: &str| {
        let mut arguments: Vec<&str> = Vec::new();
        if !variables.is_empty() {
            arguments.push("/usr/bin/env");
            arguments.extend(variables.iter().map(String::as_str));
        }
        arguments.extend(["/bin/sh", "-ec", line]);
        ExecForm::new(&arguments)
    };
    inputs.manifest.build.run.iter().map(|line| command(&line.value)).collect()
}

fn own_lines(manifest: &Manifest, environment: Option<&str>) -> Result<Option<DockerfileLines>, RenderError> {
    let Some(lines) = &manifest.build.append else { return Ok(None) };
    let declared: Vec<&str> = manifest.build.secrets.iter().map(|secret| secret.value.id()).collect();
    let judged = match environment {
        Some(environment) => append::with_own_caches(&lines.value, &declared, environment),
        None => append::judge(&lines.value, &declared).map(|()| lines.value.clone()),
    };
    let text = judged.map_err(|line| {
        let snippet = lines.span.as_ref().and_then(|span| manifest.sources.snippet(span, "given here"));
        RenderError::OwnLine { line, at: snippet.into_iter().collect() }
    })?;
    Ok(Some(DockerfileLines::new(&text)))
}
