use std::path::PathBuf;

use super::*;
use crate::manifest::{Layer, LayerKind};

const BASE: &str = "[frameworks]\njax = \"0.7\"\n";

/// A manifest of these layers, the project's own text last.
fn manifest(layers: &[(LayerKind, &str)]) -> Manifest {
    let project = layers.iter().find(|(kind, _)| *kind == LayerKind::Project).map_or("", |(_, text)| text);
    let others = layers.iter().filter(|(kind, _)| *kind != LayerKind::Project);
    let layers = others.map(|(kind, text)| (*kind, (*text).to_owned()));
    let layers = layers.chain([(LayerKind::Project, format!("{BASE}{project}"))]);
    let name = |kind| if kind == LayerKind::Local { "/srv/lab/envctl.local.toml" } else { "/srv/lab/envctl.toml" };
    Manifest::parse_layers(layers.map(|(kind, text)| Layer { path: name(kind).into(), text, kind }).collect()).unwrap()
}

static NOTHING: BTreeSet<String> = BTreeSet::new();
static NOWHERE: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
static UNREAD: BTreeMap<PathBuf, String> = BTreeMap::new();

/// A host with nothing particular about it.
fn plain_host() -> Surroundings<'static> {
    Surroundings {
        project: Path::new("/srv/lab"),
        home: Path::new("/home/ada"),
        is_root: false,
        socket: None,
        real: &Path::to_path_buf,
        mounts: &NOWHERE,
        volumes: &NOTHING,
        variables: &[],
        package_hosts: &NOTHING,
        certificates: &UNREAD,
    }
}

/// A host where `/srv/lab/link` is a link to `/etc`, and the engine has the volume `shared`.
fn needed(manifest: &Manifest, phase: Phase) -> Vec<Grant> {
    let links = |path: &Path| {
        let text = path.display().to_string();
        PathBuf::from(text.replace("/srv/lab/link", "/etc").replace("/srv/lab/..", "/srv"))
    };
    let surroundings = Surroundings {
        socket: Some(Path::new("/var/run/docker.sock")),
        real: &links,
        volumes: &BTreeSet::from(["shared".to_owned()]),
        ..plain_host()
    };
    required(manifest, &surroundings, phase)
}

fn asked(more: &str) -> Vec<String> {
    let manifest = manifest(&[(LayerKind::Project, more)]);
    needed(&manifest, Phase::Run).iter().map(Grant::token).collect()
}

const EVERYTHING: &str = "\
[run]
mounts = [\"/mnt/x:/x\", \"./link:/l:ro\", \"../other:/o\", \"/var/run:/r\", \"~/s:/s\", \"shared:/v\", \"mine:/m\"]
env-file = \"~/.env\"
privileged = true
cap-add = [\"SYS_ADMIN\"]
devices = [\"/dev/fuse\"]
network = \"other-network\"
ipc = \"host\"
user = \"root\"
ports = [\"8888:8888\", \"0.0.0.0:9000:9000\", \"0.0.0.0:2022:22\"]
[python]
packages = [\"tool @ https://files.example/tool-1-py3-none-any.whl\"]
[system]
image = \"registry.example/base:1\"
[build]
copy = [\"link/passwd:/p\"]
secrets = [\"id=t,env=TOKEN\"]
[ssh]
listen = \"0.0.0.0\"
authorized-keys = [\"~/.ssh/id_rsa\", \"keys/team.pub\"]
[network]
pip-index = \"https://ada:secret@index.example/simple\"
proxy = \"http://proxy.example:3128\"
ca-certificates = [\"./ca.pem\"]
no-proxy = [\".example\"]
image-mirror = \"mirror.example:5000\"
";

#[test]
fn a_manifest_that_stays_inside_asks_for_nothing() {
    let more = "[run]\nmounts = [\"./data:/data\", \"cache:/cache\"]\nenv-file = \".env\"\nports = [\"8888:8888\"]\n\
        user = \"dev\"\n[network]\nbase-images = \"bootstrap\"\n";
    assert!(asked(more).is_empty());
}

#[test]
fn each_way_out_is_named() {
    insta::assert_snapshot!(asked(EVERYTHING).join("\n"), @r"
    privileged
    capabilities SYS_ADMIN
    devices /dev/fuse
    host-ipc
    network other-network
    engine-socket /var/run
    mounts /etc (read-only)
    mounts /home/ada/s
    mounts /mnt/x
    mounts /srv/other
    volumes shared
    root-user
    ssh-beyond-loopback 0.0.0.0
    ssh-beyond-loopback 0.0.0.0, to 22 inside
    ports-beyond-loopback 0.0.0.0, to 9000 inside
    env-file /home/ada/.env
    authorized-keys /home/ada/.ssh/id_rsa
    build-secrets $TOKEN
    image registry.example/base:1
    network-settings ca-certificates = ./ca.pem
    network-settings image-mirror = mirror.example:5000
    network-settings no-proxy = .example
    network-settings pip-index = https://index.example/simple
    network-settings proxy = http://proxy.example:3128
    package-urls files.example
    ");
}

#[test]
fn a_verb_needs_what_it_acts_on() {
    let manifest = manifest(&[(LayerKind::Project, EVERYTHING)]);
    let kinds = |phase| {
        let mut names: Vec<_> = needed(&manifest, phase).iter().map(|grant| grant.kind.name()).collect();
        names.dedup();
        names.join(" ")
    };
    assert_eq!(kinds(Phase::Resolve), "network-settings package-urls");
    assert_eq!(kinds(Phase::Build), "env-file authorized-keys build-secrets image network-settings package-urls");
}

#[test]
fn ones_own_configuration_is_not_a_strangers() {
    let own = EVERYTHING.replace("[system]\nimage = \"registry.example/base:1\"\n", "");
    let own = own.replace("\"./link:/l:ro\", \"../other:/o\", ", "").replace("copy = [\"link/passwd:/p\"]\n", "");
    for kind in [LayerKind::Site, LayerKind::User, LayerKind::CommandLine] {
        assert!(needed(&manifest(&[(kind, &own)]), Phase::Run).is_empty(), "{kind:?}");
    }
}

#[test]
fn an_image_that_lines_take_files_from_is_asked_about_however_it_is_spelled() {
    for lines in [
        "COPY --from=registry.example/private:1 /x /x",
        "RUN --mount=type=bind,from=private,target=/p cat /p/x",
        "COPY --FROM=private /x /x",
        "COPY --fr\\\n# a comment\n\nom=private /x /x",
    ] {
        let text = toml::Value::String(lines.to_owned());
        assert_eq!(asked(&format!("[build]\nappend = {text}\n")), ["root-user", "image [build] append"], "{lines}");
    }
}

#[test]
fn who_writes_the_image_is_root_in_its_container() {
    for line in ["run = [\"true\"]", "copy = [\"a:/a\"]", "append = \"LABEL a=b\""] {
        let manifest = manifest(&[(LayerKind::Project, &format!("[build]\n{line}\n"))]);
        let tokens = |host: &Surroundings<'_>| {
            required(&manifest, host, Phase::Run).iter().map(Grant::token).collect::<Vec<_>>()
        };
        assert_eq!(tokens(&plain_host()), ["root-user"], "{line}");
        assert!(tokens(&Surroundings { is_root: true, ..plain_host() }).is_empty(), "{line}");
        assert!(gives_root(&manifest), "{line}");
    }
    for (line, is_root) in [("user = \"root\"", true), ("user = \"dev\"", false), ("privileged = true", false)] {
        let manifest = manifest(&[(LayerKind::Project, &format!("[run]\n{line}\n"))]);
        let asked =
            required(&manifest, &plain_host(), Phase::Run).iter().any(|grant| grant.kind == GrantKind::RootUser);
        assert_eq!((asked, gives_root(&manifest)), (is_root, is_root), "{line}");
    }
}

#[test]
fn a_link_in_the_project_is_a_strangers_whoever_names_it() {
    let text = "[run]\nenv-file = \"./link/secret\"\nmounts = [\"./link:/l\", \"/mnt/x:/x\"]\n";
    let asked = needed(&manifest(&[(LayerKind::User, text)]), Phase::Run);
    assert_eq!(asked.iter().map(Grant::token).collect::<Vec<_>>(), ["mounts /etc", "env-file /etc/secret"]);
}

#[test]
fn an_overlay_is_asked_about_once_for_its_content() {
    let of = |text: &str| needed(&manifest(&[(LayerKind::Local, text)]), Phase::Run);
    assert!(of("[run]\nshm-size = \"1g\"\n").is_empty());
    let [grant] = &of("[run]\nprivileged = true\nmounts = [\"/mnt/x:/x\"]\n")[..] else { panic!("one question") };
    assert_eq!((grant.kind, grant.what.as_str()), (GrantKind::LocalOverlay, "envctl.local.toml"));
    let agreed = BTreeSet::from([grant.token()]);
    assert!(grant.is_remembered(&agreed));
    let changed = of("[run]\nprivileged = true\nmounts = [\"/mnt/y:/x\"]\n");
    assert!(!changed[0].is_remembered(&agreed));
}

#[test]
fn an_overlay_does_not_lend_its_name_to_the_project() {
    let layers = [(LayerKind::Local, "[run]\nshm-size = \"1g\"\n"), (LayerKind::Project, "[run]\nprivileged = true\n")];
    let kinds: Vec<_> = needed(&manifest(&layers), Phase::Run).iter().map(|grant| grant.kind).collect();
    assert_eq!(kinds, [GrantKind::Privileged]);
}

#[test]
fn a_project_that_holds_more_than_a_project_is_asked_about() {
    let manifest = manifest(&[]);
    let of = |project: &str| {
        let socket = Some(Path::new("/home/ada/lab/run/docker.sock"));
        let surroundings = Surroundings { project: Path::new(project), socket, ..plain_host() };
        required(&manifest, &surroundings, Phase::Run).iter().map(Grant::token).collect::<Vec<_>>()
    };
    assert_eq!(of("/home/ada/lab"), ["engine-socket /home/ada/lab"]);
    assert_eq!(of("/home"), ["engine-socket /home"]);
    assert!(of("/home/ada/other").is_empty());
}

#[test]
fn variables_and_hosts_of_files_are_covered_by_name() {
    let manifest = manifest(&[(LayerKind::Project, "[run]\nenv-file = \".env\"\n")]);
    let variables = [EnvFileName { name: "AWS_SECRET_ACCESS_KEY".to_owned(), span: None }];
    let hosts = BTreeSet::from(["files.example".to_owned()]);
    let surroundings = Surroundings { variables: &variables, package_hosts: &hosts, ..plain_host() };
    let none = BTreeSet::new();
    let refused = agree(&manifest, &surroundings, Phase::Run, Consents { allowed: &[], remembered: &none }, |_| false);
    assert!(matches!(refused, Err(GrantError::NotGranted { grants, .. }) if grants.len() == 2));
    let allowed = ["variables=AWS_SECRET_ACCESS_KEY".to_owned(), "package-urls".to_owned()];
    let consents = Consents { allowed: &allowed, remembered: &none };
    let (agreed, _) = agree(&manifest, &surroundings, Phase::Run, consents, |_| false).unwrap();
    assert!(agreed.covers_variable("AWS_SECRET_ACCESS_KEY") && !agreed.covers_variable("HF_TOKEN"));
    assert!(agreed.covers_package_host("files.example") && !agreed.covers_package_host("evil.example"));
}

#[test]
fn what_was_agreed_to_is_not_asked_again() {
    let grant = |what: &str| Grant { kind: GrantKind::Mounts, what: what.to_owned(), remembered: None, span: None };
    let writable = BTreeSet::from(["mounts /a".to_owned()]);
    assert!(grant("/a").is_remembered(&writable) && grant("/a (read-only)").is_remembered(&writable));
    let read_only = BTreeSet::from(["mounts /a (read-only)".to_owned()]);
    assert!(grant("/a (read-only)").is_remembered(&read_only) && !grant("/a").is_remembered(&read_only));
    assert!(grant("/b").is_allowed(&["mounts".to_owned()]));
    assert!(grant("/b").is_allowed(&["mounts=/b".to_owned()]) && !grant("/b").is_allowed(&["mounts=/a".to_owned()]));
}

#[test]
fn a_name_that_is_no_grant_is_an_error() {
    let manifest = manifest(&[]);
    for name in ["yes", "mount", "everything=1"] {
        let allowed = [name.to_owned()];
        let consents = Consents { allowed: &allowed, remembered: &BTreeSet::new() };
        let told = agree(&manifest, &plain_host(), Phase::Run, consents, |_| true);
        assert!(matches!(told, Err(GrantError::NoSuchGrant { .. })), "{name}");
    }
}

#[test]
fn certificates_are_agreed_to_by_what_they_hold() {
    let line = "[network]\nca-certificates = [\"./ca.pem\"]\n";
    let tokens = |kind, content: &str| {
        let manifest = manifest(&[(kind, line)]);
        let certificates = BTreeMap::from([(PathBuf::from("./ca.pem"), content.to_owned())]);
        let surroundings = Surroundings { certificates: &certificates, ..plain_host() };
        required(&manifest, &surroundings, Phase::Resolve).iter().map(Grant::token).collect::<Vec<_>>()
    };
    for kind in [LayerKind::Project, LayerKind::Local] {
        assert_eq!(tokens(kind, "one"), tokens(kind, "one"));
        assert_ne!(tokens(kind, "one"), tokens(kind, "two"));
        assert_eq!(tokens(kind, "one").len(), 1);
    }
    assert!(tokens(LayerKind::User, "one").is_empty());
}
