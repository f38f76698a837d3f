use super::*;

fn layer(kind: LayerKind, name: &str, text: &str) -> Layer {
    Layer { path: PathBuf::from("/srv/My Lab").join(name), text: text.to_owned(), kind }
}

fn parse(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse_layers(vec![layer(LayerKind::Project, "envctl.toml", text)])
}

/// The problems, one a line: place, message, hint.
fn problems(text: &str) -> String {
    use crate::error::Report;
    let Err(error) = parse(text) else { return "none".to_owned() };
    let mut lines = Vec::new();
    for problem in error.problems() {
        let place = error.sources.place(&problem.span).unwrap_or_default();
        lines.push(format!("{place}: {}", problem.kind));
    }
    lines.extend(error.hints().into_iter().map(|hint| format!("  hint: {hint}")));
    lines.join("\n")
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
        ipc = "host"
        restart = "on-failure:3"
        cpus = 1.5
        memory = "16g"
        privileged = false
        cap-add = ["SYS_PTRACE"]
        devices = ["/dev/fuse"]
        network = "host"
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
fn unknown_things_are_answered() {
    insta::assert_snapshot!(problems(
        "nmae = \"x\"\nshm-size = \"8g\"\n[frameworks]\ntorch = \"2\"\nkeraz = \"1\"\n[run]\nshm_size = \"1g\"\nversion = \"3\"\n[runn]\n[docker]\n"
    ), @r"
    envctl.toml:1: there is no key `nmae` at the top level
    envctl.toml:2: there is no key `shm-size` at the top level
    envctl.toml:4: there is no framework `torch`
    envctl.toml:5: there is no framework `keraz`
    envctl.toml:7: `[run]` has no key `shm_size`
    envctl.toml:8: `[run]` has no key `version`
    envctl.toml:9: there is no table `[runn]`
    envctl.toml:10: there is no table `[docker]`
      hint: did you mean `name`?
      hint: it belongs in `[run]`
      hint: write `pytorch`
      hint: the frameworks are `cupy`, `jax`, `mindspore`, `mxnet`, `onnxruntime`, `paddle`, `pytorch`, `tensorflow`
      hint: did you mean `shm-size`?
      hint: it belongs in `[python]` or `[cuda]`
      hint: did you mean `[run]`?
    ");
}

#[test]
fn wrong_types_and_values() {
    insta::assert_snapshot!(problems(
        "frameworks = 3\n[python]\nversion = 3.11\npackages = \"numpy\"\n[run]\nmounts = [3, { from = \"/x\" }]\npersist-home = \"yes\"\nports = [\"99999:1\"]\n[ssh]\nport = \"22\"\nlisten = \"here\"\n[gpu]\ndevices = [\"x\"]\n"
    ));
}

#[test]
fn broken_toml_and_nothing_asked() {
    insta::assert_snapshot!(problems("name = \n"));
    insta::assert_snapshot!(problems("name = \"x\"\n"), @r#"
    envctl.toml:1: the manifest asks for no framework
      hint: name one: `[frameworks]`, then `pytorch = "2.4"`
    "#);
    insta::assert_snapshot!(problems("envctl = \">=9\"\n[frameworks]\njax = \"0.7\"\n"), @r"
    envctl.toml:1: the manifest needs envctl >=9, and this is 0.1.0
      hint: install envctl >=9
    ");
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
        assert!(parsed.is_ok(), "{}: {}", path.display(), problems(&text));
        seen += 1;
    }
    assert!(seen > 0);
}
