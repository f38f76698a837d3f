use std::path::PathBuf;

use super::*;
use crate::manifest::{Layer, LayerKind};

const BASE: &str = "[frameworks]\njax = \"0.7\"\n";

/// A manifest from these layers, with the project's own text last.
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

/// A host without special properties.
fn plain_host() -> Surroundings<'static> {
    Surroundings {
        project: Path::new("/srv/lab"),
        home: Path::new("/home/ada"),
        is_root: false,
        trusted: &[],
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

fn allowance(given: &str) -> Allowance {
    given.parse().unwrap()
}

/// The `--allow` value and the place of each grant.
fn options(grants: &[Grant]) -> String {
    let option = |grant: &Grant| format!("{}  {}", grant.option(), grant.place.as_deref().unwrap_or_default());
    grants.iter().map(option).collect::<Vec<_>>().join("\n")
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
    devices:rwm /dev/fuse
    host-ipc
    network other-network
    engine-socket /var/run
    mounts:ro /etc
    mounts /home/ada/s
    mounts /mnt/x
    mounts /srv/other
    volumes shared
    root-user
    ssh-beyond-loopback 0.0.0.0
    ssh-beyond-loopback 0.0.0.0:2022:22
    ports-beyond-loopback 0.0.0.0:9000:9000
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
        let [root, image] = &asked(&format!("[build]\nappend = {text}\n"))[..] else { panic!("{lines}") };
        assert!(root == "root-user" && image.starts_with("image [build] append "), "{lines}: {image}");
    }
}

#[test]
fn a_public_key_of_the_callers_is_let_in_without_a_question_and_no_other_file_is() {
    let keys = |path: &str| asked(&format!("[ssh]\nauthorized-keys = [\"{path}\"]\n"));
    for own in ["~/.ssh/second.pub", "/home/ada/.ssh/second.pub", "~/.ssh/./second.pub"] {
        assert!(keys(own).is_empty(), "{own}");
    }
    for other in [
        "~/.ssh/id_rsa",
        "~/.ssh/authorized_keys",
        "~/.ssh/id_rsa-cert.pub",
        "~/.ssh/old/second.pub",
        "~/.ssh/../x.pub",
        "~/x.pub",
        "/home/eve/.ssh/second.pub",
        "link/second.pub",
    ] {
        assert_eq!(keys(other).len(), 1, "{other}");
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
    let both = manifest(&[(LayerKind::Project, "[run]\nuser = \"root\"\n[build]\nrun = [\"true\"]\n")]);
    for (manifest, by_image) in
        [(&both, false), (&manifest(&[(LayerKind::Project, "[build]\nrun = [\"true\"]\n")]), true)]
    {
        let [root] = &required(manifest, &plain_host(), Phase::Run)[..] else { panic!("asked for once") };
        assert_eq!((root.token().as_str(), root.by_image), ("root-user", by_image));
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
fn an_overlay_is_asked_about_item_by_item_and_agreed_to_by_its_content() {
    let of = |text: &str| needed(&manifest(&[(LayerKind::Local, text)]), Phase::Run);
    assert!(of("[run]\nshm-size = \"1g\"\n").is_empty());
    let grants = of("[run]\nprivileged = true\nmounts = [\"/mnt/x:/x\"]\n");
    insta::assert_snapshot!(options(&grants));
    let agreed: BTreeSet<String> = grants.iter().map(Grant::token).collect();
    assert!(grants.iter().all(|grant| grant.is_remembered(&agreed) && !grant.replaces_one_of(&agreed)));
    let changed = of("[run]\nprivileged = true\nmounts = [\"/mnt/x:/x\"] # more\n");
    assert!(changed.iter().all(|grant| !grant.is_remembered(&agreed) && grant.replaces_one_of(&agreed)));
    for by_name in ["privileged", "mounts=/mnt/x"] {
        assert!(!grants.iter().any(|grant| allowance(by_name).covers(grant)), "{by_name}");
    }
    for whole in ["local-overlay", "local-overlay=envctl.local.toml"] {
        assert!(grants.iter().all(|grant| allowance(whole).covers(grant)), "{whole}");
    }
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
fn a_project_that_decides_whom_its_user_trusts_is_asked_about() {
    let manifest = manifest(&[]);
    let trusted = [PathBuf::from("/home/ada/.ssh"), PathBuf::from("/home/ada/.config/envctl")];
    let of = |project: &str| {
        let surroundings = Surroundings { project: Path::new(project), trusted: &trusted, ..plain_host() };
        required(&manifest, &surroundings, Phase::Run).iter().map(Grant::token).collect::<Vec<_>>()
    };
    for project in ["/home/ada/.ssh", "/home/ada/.ssh/lab", "/home/ada/.config", "/home/ada/.config/envctl/lab"] {
        assert_eq!(of(project), [format!("mounts {project}")]);
    }
    assert!(of("/home/ada/.config/lab").is_empty());
}

#[test]
fn variables_and_hosts_of_files_are_covered_by_name() {
    let manifest = manifest(&[(LayerKind::Project, "[run]\nenv-file = \".env\"\n")]);
    let variables = [EnvFileName { name: "AWS_SECRET_ACCESS_KEY".to_owned(), span: None }];
    let hosts = BTreeSet::from(["files.example".to_owned()]);
    let surroundings = Surroundings { variables: &variables, package_hosts: &hosts, ..plain_host() };
    let none = BTreeSet::new();
    let refused =
        agree(&manifest, &surroundings, Phase::Run, Consents { allowed: &[], remembered: &none, verb: "up" }, |_| {
            false
        });
    assert!(matches!(refused, Err(GrantError::NotGranted { grants, .. }) if grants.len() == 2));
    let allowed = ["variables=AWS_SECRET_ACCESS_KEY", "package-urls"].map(allowance);
    let consents = Consents { allowed: &allowed, remembered: &none, verb: "up" };
    let (agreed, _) = agree(&manifest, &surroundings, Phase::Run, consents, |_| false).unwrap();
    assert!(agreed.covers_variable("AWS_SECRET_ACCESS_KEY") && !agreed.covers_variable("HF_TOKEN"));
    assert!(agreed.covers_package_host("files.example") && !agreed.covers_package_host("evil.example"));
}

#[test]
fn what_was_agreed_to_is_not_asked_again() {
    let grant = |line: &str| {
        let manifest = manifest(&[(LayerKind::Project, &format!("[run]\nmounts = [\"{line}\"]\n"))]);
        needed(&manifest, Phase::Run).remove(0)
    };
    for (source, target) in [("/a", "/x"), ("shared", "/x")] {
        let writable = grant(&format!("{source}:{target}"));
        let read_only = grant(&format!("{source}:{target}:ro"));
        let of_writing = BTreeSet::from([writable.token()]);
        assert!(writable.is_remembered(&of_writing) && read_only.is_remembered(&of_writing));
        let of_reading = BTreeSet::from([read_only.token()]);
        assert!(read_only.is_remembered(&of_reading) && !writable.is_remembered(&of_reading));
    }
    assert!(allowance("mounts").covers(&grant("/b:/x")));
    assert!(allowance("mounts=/b").covers(&grant("/b:/x")));
    for other in ["mounts=/a", "mounts=/b:ro"] {
        assert!(!allowance(other).covers(&grant("/b:/x")), "{other}");
    }
}

#[test]
fn every_part_of_a_value_that_acts_on_the_host_is_agreed_to() {
    for (agreed, edited) in [
        ("[run]\nports = [\"0.0.0.0:7777:7777\"]", "[run]\nports = [\"0.0.0.0:80:7777\"]"),
        ("[run]\nports = [\"0.0.0.0:7777:7777\"]", "[run]\nports = [\"192.0.2.1:7777:7777\"]"),
        ("[run]\nports = [\"0.0.0.0:7777:7777\"]", "[run]\nports = [\"0.0.0.0:7777:7777/udp\"]"),
        ("[run]\nports = [\"0.0.0.0::7777\"]", "[run]\nports = [\"0.0.0.0:80:7777\"]"),
        ("[run]\nports = [\"0.0.0.0:2022:22\"]", "[run]\nports = [\"0.0.0.0:80:22\"]"),
        ("[ssh]\nlisten = \"0.0.0.0\"", "[ssh]\nlisten = \"0.0.0.0\"\nport = 8080"),
        ("[run]\ndevices = [\"/dev/sda:r\"]", "[run]\ndevices = [\"/dev/sda\"]"),
        ("[run]\nmounts = [\"shared:/v:ro\"]", "[run]\nmounts = [\"shared:/v\"]"),
        ("[run]\nmounts = [\"/srv:/v\"]", "[run]\nmounts = [\"/srv :/v\"]"),
        ("[build]\nappend = \"COPY --from=a /x /x\"", "[build]\nappend = \"COPY --from=b /x /x\""),
        ("[build]\nsecrets = [\"id=t,src=./link/a\"]", "[build]\nsecrets = [\"id=t,src=./keys/a\"]"),
        (
            "[python]\npackages = [\"t @ https://files.example/t-1-py3-none-any.whl\"]",
            "[python]\npackages = [\"t @ http://files.example:6379/t-1-py3-none-any.whl\"]",
        ),
    ] {
        let remembered: BTreeSet<String> = asked(agreed).into_iter().collect();
        assert_ne!(remembered.len(), 0, "{agreed}");
        let manifest = manifest(&[(LayerKind::Project, edited)]);
        let is_covered = |grant: &Grant| grant.is_remembered(&remembered);
        assert!(!needed(&manifest, Phase::Run).iter().all(is_covered), "{agreed} covers {edited}");
    }
}

#[test]
fn what_is_shown_can_be_typed() {
    let manifest = manifest(&[(LayerKind::Project, EVERYTHING)]);
    let grants = needed(&manifest, Phase::Run);
    for grant in &grants {
        let typed = allowance(&grant.option());
        let allowed: Vec<_> = grants.iter().filter(|other| typed.covers(other)).collect();
        assert_eq!(allowed, [grant], "{}", grant.option());
    }
    insta::assert_snapshot!(options(&grants));
}

#[test]
fn a_range_of_ports_is_agreed_to_as_it_is_written() {
    let manifest = manifest(&[(LayerKind::Project, "[run]\nports = [\"0.0.0.0:5000-5002:6000-6002\"]\n")]);
    let grants = needed(&manifest, Phase::Run);
    let covered = |value: &str| {
        let typed = allowance(&format!("ports-beyond-loopback={value}"));
        grants.iter().filter(|grant| typed.covers(grant)).count()
    };
    assert_eq!((covered("0.0.0.0:5000-5002:6000-6002"), covered("0.0.0.0:5001:6001/tcp")), (3, 1));
    assert_eq!((covered("0.0.0.0:5001:6002"), covered("5001:6001")), (0, 0));
}

#[test]
fn a_value_that_nothing_asks_for_is_an_error_that_names_what_is_asked_for() {
    use crate::error::Report;
    let manifest = manifest(&[(LayerKind::Project, "[run]\ncap-add = [\"SYS_PTRACE\"]\n")]);
    let nothing = BTreeSet::new();
    let answer = |given: &str, phase| {
        let allowed = [allowance(given)];
        let consents = Consents { allowed: &allowed, remembered: &nothing, verb: "up" };
        agree(&manifest, &plain_host(), phase, consents, |_| true).map(|_| ()).unwrap_err()
    };
    let slip = answer("capabilities=ptrace", Phase::Run);
    assert_eq!(slip.kind(), "grant-not-asked");
    assert_eq!(slip.hints(), ["asked for is `--allow capabilities=SYS_PTRACE`"]);
    assert_eq!(answer("mounts=/srv", Phase::Run).kind(), "grant-not-asked");
    let allowed = [allowance("capabilities=ptrace")];
    let consents = Consents { allowed: &allowed, remembered: &nothing, verb: "lock" };
    assert!(agree(&manifest, &plain_host(), Phase::Resolve, consents, |_| false).is_ok(), "a later phase's");
}

#[test]
fn a_value_that_the_overlay_asks_for_is_answered_with_the_name_that_agrees_to_it() {
    use crate::error::Report;
    let manifest = manifest(&[(LayerKind::Local, "[run]\nmounts = [\"/srv:/a:ro\", \"/mnt:/b\"]\n")]);
    let allowed = [allowance("mounts=/srv:ro")];
    let consents = Consents { allowed: &allowed, remembered: &BTreeSet::new(), verb: "up" };
    let told = agree(&manifest, &plain_host(), Phase::Run, consents, |_| true).map(|_| ()).unwrap_err();
    assert_eq!(
        told.hints(),
        ["asked for is `--allow local-overlay`", "what `envctl.local.toml` asks for is agreed to as a whole"]
    );
}

#[test]
fn a_name_that_is_no_grant_is_an_error() {
    for text in ["yes", "mount", "everything=1"] {
        assert!(matches!(text.parse::<Allowance>(), Err(GrantError::NoSuchGrant { name }) if name == text));
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
