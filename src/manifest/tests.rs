//! Tests of complete manifests and their layers.

use super::*;

fn layer(kind: LayerKind, name: &str, text: &str) -> Layer {
    Layer { path: PathBuf::from("/srv/My Lab").join(name), text: text.to_owned(), kind }
}

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse_layers(vec![layer(LayerKind::Project, "envctl.toml", text)])
}

#[test]
fn everything_at_once() {
    let manifest = parse(
        r#"
        name = "vision-lab"
        envctl = ">=0.1"
        [frameworks]
        pytorch = { version = "2.4", with = ["torchvision"] }
        jax = "0.7"
        [python]
        version = "3.11"
        packages = ["lightning>=2.3"]
        requirements = ["requirements.txt"]
        exclude-newer = 2026-06-01
        [cuda]
        version = "12.4"
        cudnn = "9"
        toolkit = "devel"
        [system]
        base = "ubuntu:22.04"
        packages = ["git"]
        [target]
        driver = ">=535"
        gpus = ["A100", "8.9"]
        arch = "x86_64"
        [gpu]
        devices = { count = 2 }
        optional = true
        [run]
        mounts = ["./data:/data:ro", "hf-cache:~/.cache/hf", { from = "/mnt/x", to = "/x", read-only = true }]
        ports = ["8888:8888", 6006, "127.0.0.1::6007"]
        persist-home = false
        shm-size = "8g"
        ulimits = { memlock = "unlimited", nofile = { soft = 1024, hard = 4096 } }
        env = { MODE = "fast", LEVEL = 3, DEBUG = true }
        env-file = ".env"
        workdir = "/workspace/src"
        user = "dev"
        command = ["jupyter", "lab"]
        ipc = "shareable"
        restart = "on-failure:3"
        cpus = 1.5
        memory = "16g"
        privileged = false
        cap-add = ["SYS_PTRACE"]
        devices = ["/dev/fuse"]
        network = "lab"
        tmpfs = ["/scratch"]
        extra-hosts = ["db:10.0.0.1"]
        [ssh]
        port = 2222
        listen = "0.0.0.0"
        authorized-keys = ["~/.ssh/lab.pub"]
        [build]
        run = ["echo hi"]
        copy = ["tools:/opt/tools"]
        secrets = ["id=token,env=TOKEN"]
        args = { A = "1" }
        append = "USER 0"
        [network]
        pip-index = "https://index.example/simple"
        ca-certificates = ["ca.pem"]
        base-images = "bootstrap"
        [publish]
        image = "registry.example/lab"
        "#,
    )
    .unwrap();
    assert_eq!(manifest.name.value.as_str(), "vision-lab");
    assert_eq!(manifest.frameworks.len(), 2);
    assert_eq!(manifest.gpu.devices.value, GpuDevices::Count(2));
    assert_eq!(manifest.run.mounts.len(), 3);
    assert_eq!(manifest.run.ports.len(), 3);
    let env: Vec<_> = manifest.run.env.iter().map(|(name, value)| format!("{name}={}", value.value)).collect();
    assert_eq!(env, ["DEBUG=true", "LEVEL=3", "MODE=fast"]);
    assert_eq!(manifest.run.ulimits.len(), 2);
    assert_eq!(manifest.ssh.port.as_ref().unwrap().value, 2222);
    assert_eq!(manifest.network.base_images.value, BaseImages::Bootstrap);
    let span = manifest.run.shm_size.as_ref().unwrap().span.clone().unwrap();
    assert_eq!(&manifest.text[span], "\"8g\"");
}

#[test]
fn what_is_left_out_has_its_default() {
    let manifest = parse("[frameworks]\njax = \"*\"\n").unwrap();
    assert_eq!(manifest.name.value.as_str(), "my-lab");
    assert_eq!(manifest.gpu.devices.value, GpuDevices::All);
    assert_eq!(manifest.run.project.as_ref().unwrap().as_str(), "/workspace");
    assert!(manifest.run.persist_home && manifest.ssh.enabled && !manifest.gpu.optional);
    assert!(manifest.ssh.listen.value.is_loopback());
    assert_eq!(manifest.network.ca_certificates.value, CaCertificates::Host);
    assert_eq!(parse("[cuda]\nversion = \"12.4\"\n[run]\nproject = false\n").unwrap().run.project, None);
}

#[test]
fn later_layers_win_key_by_key_and_say_where_they_are() {
    let manifest = Manifest::parse_layers(vec![
        layer(LayerKind::Local, "envctl.local.toml", "[run]\nshm-size = \"1g\"\n"),
        layer(
            LayerKind::Site,
            "config.toml",
            "[network]\nproxy = \"http://proxy.lab:3128\"\n[run]\nshm-size = \"2g\"\n",
        ),
        layer(LayerKind::Project, "envctl.toml", "[frameworks]\njax = \"0.7\"\n[run]\npersist-home = false\n"),
    ])
    .unwrap();
    assert_eq!(manifest.run.shm_size.as_ref().unwrap().value.0, 1 << 30);
    assert!(!manifest.run.persist_home);
    let place = |span: &Option<Range<usize>>| manifest.sources.place(span.as_ref().unwrap()).unwrap();
    assert_eq!(place(&manifest.run.shm_size.as_ref().unwrap().span), "envctl.local.toml:2");
    assert!(place(&manifest.network.proxy.as_ref().unwrap().span).ends_with("config.toml:2"));
    let site = Manifest::parse_layers(vec![
        layer(LayerKind::Site, "config.toml", "name = \"all\"\n"),
        layer(LayerKind::Project, "envctl.toml", "[frameworks]\njax = \"0.7\"\n"),
    ]);
    assert!(site.unwrap_err().to_string().contains("belongs in a project's own manifest"));
}

#[test]
fn every_example_is_a_manifest() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path().join("envctl.toml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let parsed = parse(&text);
        assert!(parsed.is_ok(), "{}: {}", path.display(), parsed.unwrap_err());
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn the_higher_layer_decides_between_base_and_image() {
    let manifest = Manifest::parse_layers(vec![
        layer(LayerKind::User, "config.toml", "[system]\nbase = \"debian:12\"\n"),
        layer(LayerKind::Project, "envctl.toml", "[frameworks]\njax = \"0.7\"\n[system]\nimage = \"a.example/b:1\"\n"),
    ])
    .unwrap();
    assert!(manifest.system.base.is_none() && manifest.system.image.is_some());
}

#[test]
fn the_merged_configuration_tells_where_each_value_came_from() {
    let manifest = Manifest::parse_layers(vec![
        layer(LayerKind::CommandLine, "<command line>", "run.cpus = 2"),
        layer(LayerKind::User, "config.toml", "[network]\nproxy = \"http://proxy.lab:3128\"\n"),
        layer(LayerKind::Project, "envctl.toml", "[frameworks]\njax = \"0.7\"\n[run.env]\nA = \"1\"\n"),
    ])
    .unwrap();
    let place = |setting: &Setting| setting.span.as_ref().and_then(|span| manifest.sources.place(span));
    let lines: Vec<String> = manifest
        .settings
        .iter()
        .map(|setting| format!("{} = {} # {}", setting.key, setting.value, place(setting).unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            "frameworks.jax = \"0.7\" # envctl.toml:2",
            "network.proxy = \"http://proxy.lab:3128\" # /srv/My Lab/config.toml:2",
            "run.cpus = 2 # /srv/My Lab/<command line>:1",
            "run.env.A = \"1\" # envctl.toml:4",
        ]
    );
    let defaults = settings::defaults(&manifest.settings);
    assert!(defaults.iter().any(|setting| setting.key == "ssh.enabled" && setting.value == "true"));
    assert!(!defaults.iter().any(|setting| setting.key == "run.env" || setting.key == "network.proxy"));
}

#[test]
fn keys_that_have_no_effect_yet_are_told() {
    let keys = |run: &str| {
        let manifest = parse(&format!("[frameworks]\njax = \"0.7\"\n[run]\n{run}\n")).unwrap();
        manifest.not_yet().iter().map(|not_yet| not_yet.key).collect::<Vec<_>>()
    };
    let all = "x11 = true\nselinux = \"z\"\nvolumes-from = [\"other\"]";
    assert_eq!(keys(all), ["run.x11", "run.selinux", "run.volumes-from"]);
    assert!(keys("x11 = false").is_empty());
}

#[test]
fn no_text_makes_the_reader_fail() {
    use proptest::prelude::*;
    let text = "[\\[\\]{}=\"'#., \n\\\\a-z0-9é\u{0}-]{0,120}";
    proptest!(|(noise in text, table in 0..schema::TABLES.len(), key in 0..schema::KEYS.len())| {
        let _ = parse(&noise).map_err(|error| error.to_string());
        let line = format!("[{}]\n{} = {noise}\n", schema::TABLES[table], schema::KEYS[key].name);
        let _ = parse(&line).map_err(|error| error.to_string());
    });
}

#[test]
fn no_session_begins_in_what_the_kernel_shows_of_a_process() {
    let of = |workdir: &str| parse(&format!("[frameworks]\njax = \"0.7\"\n[run]\nworkdir = \"{workdir}\"\n"));
    assert!(of("/proc/self/fd/8").is_err() && of("/proc").is_err());
    assert!(of("/processed").is_ok());
}

#[test]
fn a_variable_that_nvidias_toolkit_reads_is_no_way_to_a_device() {
    for name in ["NVIDIA_MOFED", "NVIDIA_GDS", "NVIDIA_IMEX_CHANNELS", "NVIDIA_ANYTHING_NEW", "NVIDIA_VISIBLE_DEVICES"]
    {
        assert!(reserved_variable(name).is_some(), "{name}");
    }
    assert_eq!(reserved_variable("NVIDIA_TF32_OVERRIDE"), None);
}
