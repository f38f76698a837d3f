//! Builds the rendered image and enters it by a real `ssh`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use envctl::bootstrap::uv::write_image;
use envctl::connect::keys::{self, KeptKey};
use envctl::connect::{ready, volume};
use envctl::engine::docker::Docker;
use envctl::engine::{ContainerInside, ContainerLife, ImageStore, VolumeStore};
use envctl::engine::{ContainerSpec, ContainerStatus, ExecSpec, MountKind, MountSpec, PublishedPort};
use envctl::event::Silent;
use envctl::lock::Lock;
use envctl::manifest::{Arch, Manifest};
use envctl::packages::{Access, ClosureRequest, PackagesError, Preferences, SourceBuilds, Uv, requirements_file, tool};
use envctl::reconcile::image::write_recipe;
use envctl::render::{self, BuildContext, ContextFile, ImageInputs, SessionEnv};
use envctl::resolve::Decision;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::fixture;
use crate::harness::{closure, docker, name, rooted, system};

/// Values that trip whoever quotes wrongly.
const NASTY: &str = r#"a  'b' "c" $HOME `id` \ \n # ; é %s"#;

fn access(manifest: &Manifest) -> Access {
    Access::new(&fixture::agreed(manifest), &rooted(Path::new("/")), &system()).unwrap()
}

async fn lock_of(manifest: &Manifest, decision: Decision) -> Lock {
    let project = tempfile::tempdir().unwrap();
    let request = ClosureRequest {
        agreed: &fixture::agreed(manifest),
        decision: &decision,
        files: &[],
        preferences: Preferences::default(),
        builds: SourceBuilds::Refused,
        loosened: None,
    };
    let packages = closure(request, project.path()).await.unwrap();
    fixture::lock(decision, packages)
}

fn context(lock: &Lock, manifest: &Manifest, copies: &[BTreeMap<String, ContextFile>]) -> BuildContext {
    let access = access(manifest);
    let inputs = ImageInputs {
        lock,
        manifest,
        proofs: &[],
        base: Some(crate::harness::base()),
        fetch_base: None,
        certificates: access.bundle().is_some(),
        own_index: access.indexes().is_own(),
        proxies: access.proxies(),
        copies,
        environment: None,
    };
    render::context(&inputs).unwrap()
}

/// Builds it under `tag`, with what the context says it needs.
async fn build(engine: &Docker, context: &BuildContext, manifest: &Manifest, tag: &str) -> String {
    let access = access(manifest);
    let dir = tempfile::tempdir().unwrap();
    if engine.image(&tool::image_reference()).await.unwrap().is_none() {
        let archive = dir.path().join("uv.tar");
        let uv = Uv::ensure(&system(), &access, &Silent).await.unwrap();
        write_image(&uv.program, Arch::X86_64, &archive).unwrap();
        engine.load(&archive, &Silent).await.unwrap();
    }
    let project = rooted(Path::new("/"));
    let mut recipe = write_recipe(&system(), manifest, &project, context, Arch::X86_64, access).unwrap();
    recipe.build.tag = tag.to_owned();
    engine.build(&recipe.build, &Silent).await.unwrap().0
}

/// The smallest environment, built once for all tests of this process.
async fn image() -> &'static str {
    static MADE: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    MADE.get_or_init(|| async {
        let manifest = fixture::manifest();
        let lock = lock_of(&manifest, fixture::decision()).await;
        let tag = "envctl-test/rendered:1".to_owned();
        build(&docker(), &context(&lock, &manifest, &[]), &manifest, &tag).await;
        tag
    })
    .await
}

async fn says(engine: &Docker, container: &str, user: &str, script: &str) -> String {
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    let output =
        engine.exec_output(container, &ExecSpec { command, user: user.to_owned(), ..ExecSpec::default() }).await;
    let output = output.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    assert_eq!(output.code, 0, "{script}: {} {}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// A container of the image with an SSH server, and what a client needs.
struct Lab {
    engine: Docker,
    spec: ContainerSpec,
    port: u16,
    dir: TempDir,
    user: String,
}

impl Lab {
    async fn start(test: &str, user: &str, uid: u32, gid: u32, change: impl FnOnce(&mut ContainerSpec)) -> Self {
        let engine = docker();
        let image = image().await;
        let container = name(test);
        let home = if uid == 0 { "/root".to_owned() } else { format!("/home/{user}") };
        let port = free_port();
        let env = [
            format!("ENVCTL_USER={user}"),
            format!("ENVCTL_UID={uid}"),
            format!("ENVCTL_GID={gid}"),
            format!("ENVCTL_HOME={home}"),
            "ENVCTL_SSH=1".to_owned(),
            "ENVCTL_VOLUMES=/opt/envctl/mounts/0".to_owned(),
            format!("ENVCTL_LINKS={home}/.cache/deep er/hub\t/opt/envctl/mounts/0\n"),
            format!("NASTY={NASTY}"),
        ];
        let volume = |source: &str, target: &str| MountSpec {
            kind: MountKind::Volume,
            source: format!("{container}-{source}"),
            target: target.to_owned(),
            read_only: false,
        };
        let mut spec = ContainerSpec {
            name: container.clone(),
            image: image.to_owned(),
            env: env.to_vec(),
            init: true,
            mounts: vec![
                volume("ssh", volume::DIRECTORY),
                volume("home", &home),
                volume("cache", "/opt/envctl/mounts/0"),
            ],
            ports: vec![PublishedPort {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                host: port,
                container: 22,
                protocol: envctl::manifest::Protocol::Tcp,
            }],
            ..ContainerSpec::default()
        };
        change(&mut spec);
        let lab = Self { engine, spec, port, dir: tempfile::tempdir().unwrap(), user: user.to_owned() };
        lab.up().await;
        lab
    }

    async fn up(&self) {
        self.engine.create(&self.spec).await.unwrap();
        let image = self.engine.image(&self.spec.image).await.unwrap().unwrap();
        let session = SessionEnv::new(image.env.iter().chain(&self.spec.env).map(String::as_str));
        let config = render::sshd_config(&self.user, &session, render::SshdSocket::Container).unwrap();
        let host = match keys::kept_host_key(self.dir.path()).unwrap() {
            KeptKey::Usable(pair) => pair,
            KeptKey::Missing | KeptKey::Spoilt(_) => keys::make_host_key(self.dir.path(), "lab").unwrap(),
        };
        keys::make_client_key(self.dir.path()).unwrap();
        let client = keys::client_key(self.dir.path()).unwrap();
        let known = format!("[127.0.0.1]:{} {}\n", self.port, host.public);
        std::fs::write(self.dir.path().join("known"), known).unwrap();
        std::fs::write(self.dir.path().join("path"), client.path.display().to_string()).unwrap();
        let files = volume::ServerFiles {
            host_key: &host.private,
            host_key_public: &host.public,
            authorized: &[client.public],
            config: &config,
        };
        self.engine.upload(&self.spec.name, volume::DIRECTORY, files.tar()).await.unwrap();
        self.engine.start(&self.spec.name).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        ready::wait_for_banner(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port, deadline).await.unwrap();
    }

    fn client(&self, program: &str) -> Command {
        let key = std::fs::read_to_string(self.dir.path().join("path")).unwrap();
        let mut command = Command::new(program);
        command.args(["-F", "none", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-i", &key]);
        command.args(["-o", &format!("UserKnownHostsFile={}", self.dir.path().join("known").display())]);
        command.args(["-o", "StrictHostKeyChecking=yes"]);
        command
    }

    fn ssh(&self, script: &str) -> String {
        let output = self.try_ssh(&self.user, script);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        assert!(output.status.success(), "{script}: {} {}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn try_ssh(&self, user: &str, script: &str) -> Output {
        let mut ssh = self.client("ssh");
        ssh.args(["-p", &self.port.to_string(), &format!("{user}@127.0.0.1"), script]).output().unwrap()
    }

    async fn down(self) {
        self.engine.remove(&self.spec.name).await.unwrap();
        for mount in self.spec.mounts.iter().filter(|mount| mount.kind == MountKind::Volume) {
            self.engine.remove_volume(&mount.source).await.unwrap();
        }
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test(flavor = "current_thread")]
async fn the_image_computes_and_keeps_nothing_of_the_build() {
    let engine = docker();
    let spec = ContainerSpec {
        name: name("computes"),
        image: image().await.to_owned(),
        env: vec!["ENVCTL_SSH=0".to_owned()],
        init: true,
        ..ContainerSpec::default()
    };
    engine.create(&spec).await.unwrap();
    engine.start(&spec.name).await.unwrap();
    let version = says(&engine, &spec.name, "", "python -c 'import onnxruntime; print(onnxruntime.__version__)'").await;
    assert_eq!(version, "1.20.1");
    assert_eq!(
        says(&engine, &spec.name, "", "command -v python; command -v pip").await,
        "/opt/envctl/venv/bin/python\n/opt/envctl/venv/bin/pip"
    );
    let left =
        "find / -xdev ( -name 'ssh_host_*' -o -name '*.deb' -o -path '/run/secrets/*' -o -path '/var/lib/apt/lists/*' \
                -o -name envctl-ca -o -path '/run/envctl/*' -o -name uv ) -type f -size +0"
            .replace("( ", "'(' ")
            .replace(" )", " ')'");
    assert_eq!(says(&engine, &spec.name, "", &left).await, "");
    engine.remove(&spec.name).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn the_same_context_is_the_same_image() {
    let manifest = fixture::manifest();
    let lock = lock_of(&manifest, fixture::decision()).await;
    let made = docker().image(image().await).await.unwrap().unwrap();
    let tag = format!("{}:1", name("again"));
    assert_eq!(build(&docker(), &context(&lock, &manifest, &[]), &manifest, &tag).await, made.id.0);
    docker().remove_image(&tag).await.unwrap();
}

/// What the manifest's own steps say arrives to the letter, however it is spelled.
#[tokio::test(flavor = "current_thread")]
async fn the_manifests_own_steps_mean_what_they_say() {
    let engine = docker();
    image().await;
    let mut manifest = fixture::manifest();
    let lock = lock_of(&manifest, fixture::decision()).await;
    let place = r#"/opt/my "$HOME" 'tools' \ here"#;
    let steps = &mut manifest.build;
    steps.args = BTreeMap::from([("WORD".parse().unwrap(), fixture::located(NASTY.to_owned()))]);
    steps.copy = vec![fixture::located(format!("tools:{place}").parse().unwrap())];
    let script =
        "printf '%s\n' \"$WORD\" 'two\nlines' <<EOF > /said\nEOF\ntest -s \"$SSL_CERT_FILE\" && echo trusted >> /said";
    steps.run = vec![fixture::located(script.to_owned())];
    steps.append = Some(fixture::located("ENV APPENDED=\"as it is\"\n".to_owned()));
    let file = |text: &str, executable| ContextFile { bytes: text.as_bytes().to_vec(), executable };
    let copies = [BTreeMap::from([
        ("bin/run me".to_owned(), file("#!/bin/sh\necho ran\n", true)),
        ("note".to_owned(), file("note", false)),
    ])];
    let tag = format!("{}:1", name("steps"));
    build(&engine, &context(&lock, &manifest, &copies), &manifest, &tag).await;
    let spec = ContainerSpec {
        name: name("steps"),
        image: tag.clone(),
        env: vec!["ENVCTL_SSH=0".to_owned(), format!("PLACE={place}")],
        init: true,
        ..ContainerSpec::default()
    };
    engine.create(&spec).await.unwrap();
    engine.start(&spec.name).await.unwrap();
    assert_eq!(says(&engine, &spec.name, "", "cat /said").await, format!("{NASTY}\ntwo\nlines\ntrusted"));
    assert_eq!(says(&engine, &spec.name, "", "\"$PLACE/bin/run me\"; cat \"$PLACE/note\"").await, "ran\nnote");
    assert_eq!(says(&engine, &spec.name, "", "printf %s \"$APPENDED\"").await, "as it is");
    engine.remove(&spec.name).await.unwrap();
    engine.remove_image(&tag).await.unwrap();
}

/// Every kind of session has the same Python, and the same variables to the letter.
async fn sessions_agree(lab: &Lab) {
    let python = "/opt/envctl/venv/bin/python";
    assert_eq!(lab.ssh("command -v python"), python);
    assert_eq!(lab.ssh("bash -lc 'command -v python'"), python);
    assert_eq!(lab.ssh("su - $(id -un) -c 'command -v python' 2>/dev/null || command -v python"), python);
    assert_eq!(lab.ssh("printf %s \"$NASTY\""), NASTY);
    assert_eq!(lab.ssh("bash -lc 'printf %s \"$NASTY\"'"), NASTY);
    assert_eq!(lab.ssh("printf %s \"$VIRTUAL_ENV $LANG\""), "/opt/envctl/venv C.UTF-8");
    assert_eq!(says(&lab.engine, &lab.spec.name, &lab.user, "command -v python").await, python);
    assert_eq!(lab.ssh("env | grep ^ENVCTL_ || true"), "");
    assert_eq!(lab.ssh("python -c 'import onnxruntime as o; print(o.__version__)'"), "1.20.1");
}

#[tokio::test(flavor = "current_thread")]
async fn root_stays_root() {
    let lab = Lab::start("root", "root", 0, 0, |_| ()).await;
    assert_eq!(lab.ssh("id -u; pwd"), "0\n/root");
    sessions_agree(&lab).await;
    lab.down().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_person_has_their_number_home_and_volumes() {
    let lab = Lab::start("person", "ada", 1000, 1000, |spec| spec.no_new_privileges = true).await;
    assert_eq!(lab.ssh("id -un; id -u; id -g; pwd; echo $SHELL"), "ada\n1000\n1000\n/home/ada\n/bin/bash");
    sessions_agree(&lab).await;
    lab.ssh("touch ~/mine ~/.cache/mine '.cache/deep er/mine' '.cache/deep er/hub/mine' && test -f ~/.bashrc");
    // Whoever works here may install, as in any environment of their own.
    lab.ssh("pip --version && touch \"$VIRTUAL_ENV/lib/python3.11/site-packages/mine\" \"$VIRTUAL_ENV/bin/mine\"");
    let refused = lab.try_ssh("root", "true");
    assert_eq!(refused.status.code(), Some(255));
    lab.down().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_number_above_a_million_and_a_group_that_is_there() {
    let lab = Lab::start("million", "zoë-x".replace('ë', "e").as_str(), 1_234_567, 100, |_| ()).await;
    assert_eq!(lab.ssh("id -u; id -gn"), "1234567\nusers");
    sessions_agree(&lab).await;
    assert_eq!(says(&lab.engine, &lab.spec.name, "0", "find /var/log -size +1M").await, "");
    lab.engine.stop(&lab.spec.name, 1).await.unwrap();
    let passwd = "cat /etc/passwd /etc/group | sort | uniq -d";
    lab.engine.start(&lab.spec.name).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    ready::wait_for_banner(IpAddr::V4(Ipv4Addr::LOCALHOST), lab.port, deadline).await.unwrap();
    assert_eq!(lab.ssh(passwd), "");
    assert_eq!(lab.ssh("id -u"), "1234567");
    lab.down().await;
}

/// Ubuntu's images have `ubuntu` with 1000; here it is `games`, with 5.
#[tokio::test(flavor = "current_thread")]
async fn an_account_in_the_way_makes_room() {
    let lab = Lab::start("room", "games", 7, 5, |_| ()).await;
    assert_eq!(lab.ssh("id -u; id -un; id -gn"), "7\ngames\ntty");
    assert_eq!(lab.ssh("grep -c '^lp:' /etc/passwd || true"), "0");
    lab.down().await;
}

/// A name that the manifest chose gets none of the power that the image gives to names.
#[tokio::test(flavor = "current_thread")]
async fn a_chosen_name_is_none_of_the_images() {
    let engine = docker();
    let image = image().await;
    let rules = "echo '%wheel ALL = (ALL) ALL' >/etc/sudoers.d/x; echo 'adm:x:4:syslog,trainer' >>/etc/group; \
        echo 'person:x:1500:1500::/home/person:/bin/sh' >>/etc/passwd; echo 'person ALL = ALL' >>/etc/sudoers.d/x";
    for (user, is_images) in [
        ("backup", true),
        ("shadow", true),
        ("nobody", true),
        ("wheel", true),
        ("trainer", true),
        ("person", false),
        ("dev", false),
        ("train", false),
    ] {
        let script = format!("mkdir -p /etc/sudoers.d; {rules}; exec /opt/envctl/entrypoint id -un");
        let env = [("NAMED", "1"), ("USER", user), ("UID", "1500"), ("GID", "1500"), ("SSH", "0")];
        let mut env: Vec<_> = env.iter().map(|(name, value)| format!("ENVCTL_{name}={value}")).collect();
        env.push(format!("ENVCTL_HOME=/home/{user}"));
        let spec = ContainerSpec {
            name: name(&format!("named-{user}")),
            image: image.to_owned(),
            env,
            entrypoint: ["sh", "-c"].map(str::to_owned).to_vec(),
            command: vec![script],
            no_new_privileges: true,
            ..ContainerSpec::default()
        };
        engine.create(&spec).await.unwrap();
        engine.start(&spec.name).await.unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        let code = loop {
            let state = engine.inspect(&spec.name).await.unwrap().unwrap();
            if let ContainerStatus::Exited { code } = state.status {
                break code;
            }
            assert!(Instant::now() < deadline, "{user}: {:?}", state.status);
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(code, i64::from(is_images), "{user}");
        engine.remove(&spec.name).await.unwrap();
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_hosts_directory_below_home_keeps_its_owner() {
    let host = tempfile::tempdir().unwrap();
    let source = host.path().display().to_string();
    let lab = Lab::start("bind", "ada", 1000, 1000, |spec| {
        let target = "/opt/envctl/mounts/1".to_owned();
        spec.mounts.push(MountSpec { kind: MountKind::Bind, source, target, read_only: false });
        spec.env.push("ENVCTL_LINKS=/home/ada/data/set\t/opt/envctl/mounts/1\n".to_owned());
    })
    .await;
    assert_eq!(lab.ssh("stat -L -c %u data data/set"), "1000\n0");
    lab.down().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_command_beside_sshd_is_the_containers_life() {
    let lab = Lab::start("command", "ada", 1000, 1000, |spec| {
        let script = "id -un > ~/who; while [ ! -e ~/end ]; do sleep 0.05; done; exit 7";
        spec.command = ["sh", "-c", script].map(str::to_owned).to_vec();
    })
    .await;
    assert_eq!(lab.ssh("cat who"), "ada");
    // The container ends with its command, maybe before the session has said its last word.
    lab.try_ssh("ada", "touch end");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let state = lab.engine.inspect(&lab.spec.name).await.unwrap().unwrap();
        if state.status == (ContainerStatus::Exited { code: 7 }) {
            break;
        }
        assert!(Instant::now() < deadline, "{:?}", state.status);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    lab.down().await;
}

#[tokio::test(flavor = "current_thread")]
async fn files_go_through_sftp_and_rsync() {
    let lab = Lab::start("files", "ada", 1000, 1000, |spec| spec.no_new_privileges = true).await;
    let file = lab.dir.path().join("file");
    std::fs::write(&file, "over the wire").unwrap();
    let mut scp = lab.client("scp");
    let copied = scp.args(["-P", &lab.port.to_string()]).arg(&file).arg("ada@127.0.0.1:there").status().unwrap();
    assert!(copied.success());
    assert_eq!(lab.ssh("cat there; echo; command -v rsync"), "over the wire\n/usr/bin/rsync");
    lab.down().await;
}

#[tokio::test(flavor = "current_thread")]
async fn requirements_that_clash_are_a_conflict_in_uvs_words() {
    use envctl::error::{Exit, Report};
    let mut manifest = fixture::manifest();
    manifest.python.packages = vec![fixture::located("numpy<1.20".parse().unwrap())];
    let decision = fixture::decision();
    let agreed = fixture::agreed(&manifest);
    let request = ClosureRequest {
        agreed: &agreed,
        decision: &decision,
        files: &[],
        preferences: Preferences::default(),
        builds: SourceBuilds::Refused,
        loosened: None,
    };
    let error = closure(request, Path::new("/")).await.unwrap_err();
    assert_eq!((error.kind(), error.exit()), ("package-conflict", Exit::Conflict));
    let words = error.output().join("\n");
    assert!(words.contains("onnxruntime==1.20.1 depends on numpy>=1.21.6"), "{words}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_package_that_would_run_its_code_here_is_named() {
    let mut manifest = fixture::manifest();
    manifest.python.packages = vec![fixture::located("antlr4-python3-runtime==4.9.3".parse().unwrap())];
    let decision = fixture::decision();
    let agreed = fixture::agreed(&manifest);
    let request = ClosureRequest {
        agreed: &agreed,
        decision: &decision,
        files: &[],
        preferences: Preferences::default(),
        builds: SourceBuilds::Refused,
        loosened: None,
    };
    let Err(PackagesError::Conflict(refusal)) = closure(request, Path::new("/")).await else {
        panic!("it was resolved");
    };
    assert_eq!(refusal.needs_build, ["antlr4-python3-runtime"]);
    let allowed = ClosureRequest { builds: SourceBuilds::Allowed, ..request };
    // There is no container here.
    let Err(PackagesError::NeedsCode { package, .. }) = closure(allowed, Path::new("/")).await else {
        panic!("it was resolved");
    };
    assert_eq!(package, "antlr4-python3-runtime");
}

/// What uv writes, uv's own reader and ours understand: a lock's packages as a requirements file.
#[tokio::test(flavor = "current_thread")]
async fn versions_that_fit_stay() {
    let manifest = fixture::manifest();
    let mut lock = lock_of(&manifest, fixture::decision()).await;
    let numpy = lock.packages.iter_mut().find(|package| package.name == "numpy").unwrap();
    numpy.version = "2.1.0".to_owned();
    let agreed = fixture::agreed(&manifest);
    let request = |upgrade| ClosureRequest {
        agreed: &agreed,
        decision: &lock.decision,
        files: &[],
        preferences: Preferences { locked: &lock.packages, upgrade, ..Preferences::default() },
        builds: SourceBuilds::Refused,
        loosened: None,
    };
    let version_of_numpy = |packages: Vec<envctl::lock::LockedPackage>| {
        packages.into_iter().find(|package| package.name == "numpy").unwrap().version
    };
    let kept = closure(request(&[]), Path::new("/")).await.unwrap();
    assert_eq!(version_of_numpy(kept), "2.1.0");
    let upgrade = ["numpy".to_owned()];
    let moved = closure(request(&upgrade), Path::new("/")).await.unwrap();
    assert_ne!(version_of_numpy(moved), "2.1.0");
    let hash = "ab".repeat(32);
    assert!(requirements_file::parse(&format!("rich==13.7.1 \\\n    --hash=sha256:{hash}\n")).is_ok());
}
