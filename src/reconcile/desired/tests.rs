use super::*;
use std::path::Path;

use crate::engine::PublishedPort;
use crate::manifest::{Layer, LayerKind, MountSource, Protocol, host_path};
use crate::reconcile::mounts::{self, MountContext, MountRequest, Source};
use crate::system::System;

/// A manifest with these lines after the framework.
fn manifest(more: &str) -> Manifest {
    let text = format!("name = \"lab\"\n[frameworks]\njax = \"0.7\"\n{more}");
    let path = "/srv/lab/envctl.toml".into();
    Manifest::parse_layers(vec![Layer { path, text, kind: LayerKind::Project }]).unwrap()
}

struct Given {
    ports: Assigned,
    memory: Option<u64>,
    gpu: Option<GpuRoute>,
    refused: BTreeSet<String>,
}

fn published(address: &str, host: u16, container: u16, protocol: Protocol) -> PublishedPort {
    PublishedPort { address: address.parse().unwrap(), host, container, protocol }
}

impl Default for Given {
    fn default() -> Self {
        let ports = Assigned {
            ssh: Some(23456),
            published: vec![published("127.0.0.1", 23456, 22, Protocol::Tcp)],
            ..Assigned::default()
        };
        Self { ports, memory: Some(65 << 30), gpu: None, refused: BTreeSet::new() }
    }
}

/// The mounts on a host without links.
fn arranged(manifest: &Manifest, identity: &Identity) -> Mounts {
    let source = |mount: &crate::manifest::Mount| match &mount.source {
        MountSource::Volume(name) => Source::Volume(name.clone()),
        MountSource::Path(path) => Source::Host(host_path(path, Path::new("/srv/lab"), Path::new("/home/ada"))),
    };
    let target = |path: &crate::manifest::ContainerPath| path.in_home(&identity.home);
    let asked = |source, target, read_only, index| MountRequest { source, target, read_only, index };
    let run = &manifest.run;
    let project = run.project.as_ref().map(|at| asked(Source::Host("/srv/lab".into()), target(at), false, None));
    let mounts = run.mounts.iter().enumerate();
    let mounts = mounts
        .map(|(at, mount)| asked(source(&mount.value), target(&mount.value.target), mount.value.read_only, Some(at)));
    let memory = run.tmpfs.iter().map(|at| asked(Source::Memory, target(&at.value), false, None));
    let asked: Vec<_> = project.into_iter().chain(mounts).chain(memory).collect();
    let setting = MountContext {
        project: Path::new("/srv/lab"),
        home: &identity.home,
        is_root: identity.uid == 0,
        restarts: false,
        keeps_home: true,
    };
    mounts::arrange_mounts(&asked, &setting).unwrap()
}

fn desired(manifest: &Manifest, given: &Given) -> Desired {
    let system = System { uid: 1000, gid: 1000, user: "ada".to_owned(), ..System::for_tests() };
    let identity = Identity::new(manifest, &system);
    let id = serde_json::from_str("\"lab-1a2b3c4d\"").unwrap();
    Desired::new(
        manifest,
        &Circumstances {
            devices: &[DeviceSpec {
                host: "/dev/fuse".to_owned(),
                container: "/dev/fuse".to_owned(),
                permissions: "rwm".to_owned(),
            }],
            mounts: &arranged(manifest, &identity),
            id: &id,
            identity: &identity,
            image: "envctl/lab:0123456789ab",
            image_env: &["LD_LIBRARY_PATH=/usr/local/nvidia/lib".to_owned()],
            ports: &given.ports,
            memory: given.memory,
            gpu: given.gpu,
            driver: given.gpu.map(|_| "550.144.03".to_owned()),
            variables: &BTreeMap::from([("FROM_FILE".to_owned(), "1".to_owned())]),
            refused_limits: &given.refused,
            bootstrapped: false,
        },
    )
}

fn view(more: &str, given: &Given) -> String {
    serde_json::to_string_pretty(&desired(&manifest(more), given).view).unwrap()
}

#[test]
fn the_host_name_is_the_manifests_or_the_environments() {
    let named = desired(&manifest("[run]\nhostname = \"trainer.lab\"\n"), &Given::default());
    let unnamed = desired(&manifest(""), &Given::default());
    assert_eq!((named.spec.hostname.as_str(), unnamed.spec.hostname.as_str()), ("trainer.lab", "lab"));
}

#[test]
fn a_plain_manifest() {
    insta::assert_snapshot!(view("[gpu]\ndevices = \"none\"\n", &Given::default()));
}

#[test]
fn everything_that_run_says() {
    let more = r#"
        [run]
        project = "~/work"
        mounts = ["./data:/data:ro", "~/sets:~/sets", "hf-cache:/cache", "/mnt/x:/x"]
        ports = ["8888:8888", "0.0.0.0:53:53/udp", "9000-9005:80", "127.0.0.1::6006"]
        persist-home = false
        shm-size = "1g"
        ulimits = { memlock = 1024, nofile = "1024:4096" }
        env = { FROM_FILE = "2" }
        workdir = "~"
        user = "dev"
        command = ["jupyter", "lab"]
        restart = "on-failure:3"
        cpus = 1.5
        memory = "16g"
        cap-add = ["SYS_PTRACE"]
        devices = ["/dev/fuse"]
        tmpfs = ["~/tmp"]
        extra-hosts = ["db:10.0.0.1"]
        [gpu]
        devices = [0, 1]
    "#;
    let mut given = Given { gpu: Some(GpuRoute::Cdi), ..Given::default() };
    given.ports.published.extend([
        published("127.0.0.1", 8888, 8888, Protocol::Tcp),
        published("0.0.0.0", 53, 53, Protocol::Udp),
        published("127.0.0.1", 9003, 80, Protocol::Tcp),
        published("127.0.0.1", 0, 6006, Protocol::Tcp),
    ]);
    insta::assert_snapshot!(view(more, &given));
}

#[test]
fn a_user_stays_one_unless_root_was_agreed_to() {
    let keeps = |more: &str| desired(&manifest(more), &Given::default()).spec.no_new_privileges;
    assert!(keeps("") && keeps("[run]\nuser = \"dev\"\nprivileged = true\n"));
    assert!(keeps("[system]\npackages = [\"sudo\"]\n"));
    assert!(!keeps("[run]\nuser = \"root\"\n"));
    for line in ["run = [\"true\"]", "copy = [\"a:/a\"]", "append = \"LABEL a=b\""] {
        assert!(!keeps(&format!("[build]\n{line}\n")), "{line}");
    }
}

#[test]
fn root_inside_poses_as_no_neighbour_and_makes_no_device() {
    let dropped = |more: &str| desired(&manifest(more), &Given::default()).spec.cap_drop.join(" ");
    assert_eq!(dropped(""), "");
    assert_eq!(dropped("[run]\nuser = \"root\"\n"), "NET_RAW MKNOD");
    assert_eq!(dropped("[build]\nrun = [\"true\"]\n"), "NET_RAW MKNOD");
    assert_eq!(dropped("[run]\nuser = \"root\"\ncap-add = [\"CAP_NET_RAW\"]\n"), "MKNOD");
    assert_eq!(dropped("[run]\nuser = \"root\"\ncap-add = [\"ALL\"]\n"), "");
    assert_eq!(dropped("[run]\nuser = \"root\"\nprivileged = true\n"), "");
}

#[test]
fn a_name_of_the_manifests_is_looked_up_in_the_image() {
    let named =
        |more: &str| desired(&manifest(more), &Given::default()).spec.env.contains(&"ENVCTL_NAMED=1".to_owned());
    assert!(named("[run]\nuser = \"dev\"\n"));
    assert!(!named("") && !named("[run]\nuser = \"ada\"\n"));
    assert!(!named("[run]\nuser = \"dev\"\n[build]\nrun = [\"true\"]\n"));
}

#[test]
fn shared_memory_is_half_of_what_there_is() {
    let shm = |more: &str, memory| desired(&manifest(more), &Given { memory, ..Given::default() }).spec.shm_size;
    assert_eq!(shm("", Some(65 << 30)), Some(32 << 30));
    assert_eq!(
        shm("", Some((65 << 30) + 12_345_678)),
        Some(32 << 30),
        "a kernel that counts otherwise changes nothing"
    );
    assert_eq!(shm("", Some(1 << 30)), Some(512 << 20));
    assert_eq!(shm("[run]\nmemory = \"8g\"\n", Some(64 << 30)), Some(4 << 30));
    assert_eq!(shm("[run]\nipc = \"host\"\n", Some(64 << 30)), None);
    assert_eq!(shm("", None), None);
}

#[test]
fn a_limit_that_the_engine_refuses_is_left_out_unless_it_was_asked_for() {
    let refused = BTreeSet::from(["memlock".to_owned()]);
    let names = |more: &str| {
        let given = Given { refused: refused.clone(), ..Given::default() };
        let limits = desired(&manifest(more), &given).spec.ulimits;
        limits.into_iter().map(|limit| limit.name).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["stack"]);
    assert_eq!(names("[run]\nulimits = { memlock = 1024 }\n"), ["memlock", "stack"]);
}

#[test]
fn without_a_network_there_is_no_ssh_server() {
    let none = desired(&manifest("[run]\nnetwork = \"none\"\n[ssh]\nenabled = false\n"), &Given::default());
    assert!(none.spec.env.contains(&"ENVCTL_SSH=0".to_owned()));
}

#[test]
fn another_driver_is_another_container_where_there_is_a_gpu() {
    let gpu = Given { gpu: Some(GpuRoute::DeviceRequest), ..Given::default() };
    assert!(view("", &gpu).contains("550.144.03"));
    assert!(!view("", &Given::default()).contains("550.144.03"));
}

#[test]
fn the_drivers_of_an_images_day_do_not_keep_it_from_starting() {
    let given = |more: &str, gpu| desired(&manifest(more), &Given { gpu, ..Given::default() }).spec.env;
    let gpu = Some(GpuRoute::DeviceRequest);
    assert!(given("", gpu).contains(&"NVIDIA_DISABLE_REQUIRE=1".to_owned()));
    assert!(
        given("[run]\nenv = { NVIDIA_DISABLE_REQUIRE = \"\" }\n", gpu).contains(&"NVIDIA_DISABLE_REQUIRE=".to_owned())
    );
    assert!(!given("[gpu]\ndevices = \"none\"\n", None).iter().any(|entry| entry.starts_with("NVIDIA_D")));
}

#[test]
fn labels_hold_hashes_and_names_alone() {
    let labels = desired(&manifest(""), &Given::default()).spec.labels;
    let text = format!("{labels:?}");
    assert!(!text.contains("/srv") && !text.contains("ada"), "{text}");
}

#[test]
fn on_the_hosts_network_another_port_for_ssh_is_another_container() {
    let at = |ssh: u16| {
        let ports = Assigned { ssh: Some(ssh), ..Assigned::default() };
        desired(&manifest("[run]\nnetwork = \"host\"\n"), &Given { ports, ..Given::default() }).view.hash()
    };
    assert_eq!(at(23456), at(23456));
    assert_ne!(at(23456), at(32222));
}
