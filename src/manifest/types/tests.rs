//! Tests of the checking constructors: tables of accepted and of refused values.

use std::str::FromStr;

use super::*;

/// The texts that are refused.
fn refused<'t, T: FromStr>(texts: &[&'t str]) -> Vec<&'t str> {
    texts.iter().copied().filter(|text| text.parse::<T>().is_err()).collect()
}

fn why<T: FromStr<Err = ValueError>>(text: &str) -> String {
    text.parse::<T>().err().map(|error| error.why.into_owned()).unwrap_or_default()
}

fn ports(text: &str) -> String {
    match Port::parse(text) {
        Ok(ports) => ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Err(error) => error.why.into_owned(),
    }
}

#[test]
fn a_directory_gives_a_name() {
    let name = |directory: &str| EnvironmentName::from_directory(directory).to_string();
    assert_eq!(name("My Project_2"), "my-project-2");
    assert_eq!(name("2024"), "env-2024");
    assert_eq!(name("localhost"), "env-localhost");
    assert_eq!(name("Проект"), "env");
    assert_eq!(name("-a--b-"), "a-b");
    for directory in ["", "..", "a".repeat(200).as_str(), "x\u{0}y"] {
        assert_eq!(refused::<EnvironmentName>(&[&name(directory)]), Vec::<&str>::new(), "{directory:?}");
    }
}

#[test]
fn names_are_labels() {
    let bad = ["", "A", "-a", "a-", "a_b", "a.b", "1234", "localhost", "a b", "a\n"];
    assert_eq!(refused::<EnvironmentName>(&bad), bad);
    assert_eq!(refused::<EnvironmentName>(&["a", "vision-lab", "2b"]), Vec::<&str>::new());
    let bad = ["", "Dev", "1a", "a b", "root:x", "a\n", "-a"];
    assert_eq!(refused::<UserName>(&bad), bad);
    let bad = ["", "1A", "A-B", "A=B", "A B"];
    assert_eq!(refused::<EnvName>(&bad), bad);
}

#[test]
fn every_form_of_docker_run_p_is_read() {
    assert_eq!(ports("8888"), "127.0.0.1::8888/tcp");
    assert_eq!(ports("8888:80"), "127.0.0.1:8888:80/tcp");
    assert_eq!(ports("0:80"), "127.0.0.1::80/tcp");
    assert_eq!(ports("127.0.0.1::6006"), "127.0.0.1::6006/tcp");
    assert_eq!(ports("0.0.0.0:53:53/udp"), "0.0.0.0:53:53/udp");
    assert_eq!(ports("[::1]:80:80"), "[::1]:80:80/tcp");
    assert_eq!(ports("[::]::80/sctp"), "[::]::80/sctp");
    assert_eq!(ports("3000-3001"), "127.0.0.1::3000/tcp 127.0.0.1::3001/tcp");
    assert_eq!(ports("8000-8001:9000-9001"), "127.0.0.1:8000:9000/tcp 127.0.0.1:8001:9001/tcp");
    assert_eq!(ports("8000-8010:80"), "127.0.0.1:8000-8010:80/tcp");
    assert_eq!(ports("127.0.0.1:8000-8010:80/udp"), "127.0.0.1:8000-8010:80/udp");
    for bad in [
        "",
        ":",
        "0",
        "80:0",
        "70000",
        "80:80:80",
        "a:80",
        "80-79",
        "+80",
        "80/",
        "::1:80:80",
        "[::1]:80",
        "1.2.3.4:80",
    ] {
        assert!(Port::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn mounts_are_told_from_volumes() {
    let mount =
        |text: &str| text.parse::<Mount>().map(|mount| (mount.source, mount.target.to_string(), mount.read_only));
    let path = |text: &str| MountSource::Path(PathBuf::from(text));
    assert_eq!(mount("./data:/data:ro").unwrap(), (path("./data"), "/data".to_owned(), true));
    assert_eq!(mount("../x:/x:rw").unwrap(), (path("../x"), "/x".to_owned(), false));
    assert_eq!(mount("~/d:~/d/").unwrap(), (path("~/d"), "~/d".to_owned(), false));
    assert_eq!(mount(".:/src").unwrap().0, path("."));
    assert_eq!(mount("hf-cache:~/.cache").unwrap().0, MountSource::Volume("hf-cache".to_owned()));
    let bad =
        ["", "a", "data/x:/x", "/a:b", "/a:/", "/a:/b:z", "/a:/b:ro:x", "/a:/../b", "~ada/x:/x", "-v:/x", "a\n:/x"];
    assert_eq!(refused::<Mount>(&bad), bad);
    assert_eq!(why::<Mount>("/a:/b:Z"), "SELinux labels are set by `[run] selinux`");
}

#[test]
fn paths_are_normal_and_stay_inside() {
    let inside = |text: &str| text.parse::<ContainerPath>().map(|path| path.to_string());
    assert_eq!(inside("//a/./b//").unwrap(), "/a/b");
    assert_eq!(inside("~").unwrap(), "~");
    assert_eq!(inside("/").unwrap(), "/");
    assert_eq!("~/x".parse::<ContainerPath>().unwrap().in_home("/home/ada"), "/home/ada/x");
    let bad = ["", "a", "./a", "/a/../b", "~ada", "/a\nb", "$HOME"];
    assert_eq!(refused::<ContainerPath>(&bad), bad);
    let project = |text: &str| text.parse::<ProjectPath>().map(|path| path.to_string());
    assert_eq!(project("./a/../b").unwrap(), "b");
    assert_eq!(project(".").unwrap(), ".");
    let bad = ["", "/a", "~/a", "../a", "a/../../b", "-r", "a\nb"];
    assert_eq!(refused::<ProjectPath>(&bad), bad);
}

#[test]
fn sizes_count_in_1024s() {
    let size = |text: &str| text.parse::<ByteSize>().map(|size| size.0);
    assert_eq!(size("8g").unwrap(), 8 << 30);
    assert_eq!(size("1.5GiB").unwrap(), 3 << 29);
    assert_eq!(size("512 MB").unwrap(), 512 << 20);
    assert_eq!(size("1024").unwrap(), 1024);
    assert_eq!("8g".parse::<ByteSize>().unwrap().to_string(), "8 GiB");
    let bad = ["", "g", "0", "-1", "8gg", "1.", ".5g", "1.2345g", "99999999999t", "1e3"];
    assert_eq!(refused::<ByteSize>(&bad), bad);
}

#[test]
fn limits_are_pairs() {
    let limit = |text: &str| text.parse::<Ulimit>().map(|limit| (limit.soft, limit.hard));
    assert_eq!(limit("1024").unwrap(), (1024, 1024));
    assert_eq!(limit("1024:4096").unwrap(), (1024, 4096));
    assert_eq!(limit("-1").unwrap(), (-1, -1));
    assert_eq!(limit("1024:unlimited").unwrap(), (1024, -1));
    let bad = ["", "-2", "4096:1024", "-1:5", "1:2:3", "a"];
    assert_eq!(refused::<Ulimit>(&bad), bad);
    assert_eq!(refused::<UlimitName>(&["memlock", "as"]), ["as"]);
}

#[test]
fn no_option_path_or_variable_comes_in_as_a_requirement() {
    let bad = [
        "",
        "--index-url https://x.example",
        "-r other.txt",
        "./own.whl",
        "/srv/own.whl",
        "own @ file:///srv/own.whl",
        "own @ git+https://x.example/own",
        "own @ https://x.example/${TOKEN}/own.whl",
        "a\nb",
        "a # b",
        "a==1 --hash=sha256:00",
        "a b",
        "a;",
    ];
    assert_eq!(refused::<Requirement>(&bad), bad);
    let good = [
        "numpy",
        "lightning>=2.3",
        "torchmetrics[image]~=1.0",
        "a ; python_version < '3.12'",
        "own @ https://x.example/own-1.0-py3-none-any.whl",
    ];
    assert_eq!(refused::<Requirement>(&good), Vec::<&str>::new());
    assert_eq!("Torch_Metrics[x]>=1".parse::<Requirement>().unwrap().package().as_str(), "torch-metrics");
    assert_eq!("Foo_._Bar".parse::<PackageName>().unwrap().as_str(), "foo-bar");
}

#[test]
fn images_and_registries() {
    let digest = format!("a.example:5000/b/c:1@sha256:{}", "0".repeat(64));
    let good = ["debian", "debian:12", "localhost:5000/a/b:x", "nvcr.io/nvidia/pytorch:24.05-py3", digest.as_str()];
    assert_eq!(refused::<ImageReference>(&good), Vec::<&str>::new());
    let bad = ["", "Debian", "a:", "a b", "a@sha256:00", "https://a.example/b", "a//b", "a:b:c", "a\nRUN x"];
    assert_eq!(refused::<ImageReference>(&bad), bad);
    assert_eq!(refused::<BaseName>(&["debian:12", "debian", "a/b:1"]), ["debian", "a/b:1"]);
    assert_eq!(refused::<RegistryPrefix>(&["a.example:5000/x/", "https://a.example", ""]), ["https://a.example", ""]);
}

#[test]
fn drivers_gpus_and_machines() {
    for text in [">=535", "535", ">= 535.104.05"] {
        assert!(text.parse::<LowestDriver>().is_ok(), "{text}");
    }
    let bad = ["<600", "==535", ">=535,<600", "", "r535", "535.x"];
    assert_eq!(refused::<LowestDriver>(&bad), bad);
    assert!(matches!("8.6".parse(), Ok(GpuName::Capability(_))));
    assert!(matches!("RTX 3090".parse(), Ok(GpuName::Product(_))));
    assert_eq!(refused::<GpuName>(&["", "sm_86", "8.6.1"]), ["", "sm_86", "8.6.1"]);
    assert_eq!("arm64".parse::<Arch>().unwrap().to_string(), "aarch64");
}

#[test]
fn urls_hosts_and_days() {
    let good = ["https://a.example/simple", "http://u:p@a.example:3128", "http://[::1]:80/"];
    assert_eq!(refused::<Url>(&good), Vec::<&str>::new());
    let bad =
        ["", "a.example", "file:///x", "https://", "https://a b", "https://a\"b", "https://a/$(id)", "https://a:x/"];
    assert_eq!(refused::<Url>(&bad), bad);
    assert_eq!(refused::<NoProxyHost>(&["*", ".lab", "10.0.0.0/8", "a:80", "a b"]), ["a b"]);
    let long = "a".repeat(64);
    let names = ["trainer", "GPU1.lab.example", "10", "", "a b", "-a", "a..b", "a_b", long.as_str()];
    assert_eq!(refused::<HostName>(&names), ["", "a b", "-a", "a..b", "a_b", long.as_str()]);
    assert_eq!(refused::<ExtraHost>(&["db:10.0.0.1", "h:host-gateway", "six:::1", "db", "db:x"]), ["db", "db:x"]);
    assert_eq!(
        refused::<Date>(&["2024-02-29", "2023-02-29", "2024-2-1", "2024-13-01"]),
        ["2023-02-29", "2024-2-1", "2024-13-01"]
    );
}

#[test]
fn secrets_devices_and_copies() {
    let secret = |text: &str| text.parse::<Secret>().map(|secret| secret.id().to_owned());
    assert_eq!(secret("id=hf,env=HF_TOKEN").unwrap(), "hf");
    assert_eq!(secret("id=HF_TOKEN").unwrap(), "HF_TOKEN");
    let bad = ["", "hf", "id=../x,env=A", "id=envctl-ca,env=A", "env=A", "id=a,mode=1", "id=a.b"];
    assert_eq!(refused::<Secret>(&bad), bad);
    let device = "/dev/video0:/dev/video1:rw".parse::<Device>().unwrap();
    assert_eq!((device.container.to_str().unwrap(), device.permissions.as_str()), ("/dev/video1", "rw"));
    let bad = ["", "fuse", "/dev/a:/dev/b:x", "/etc/passwd", "/dev/../etc/shadow"];
    assert_eq!(refused::<Device>(&bad), bad);
    let bad = ["a", "a:b:c", "../a:/b", "a:~/b", "/a:/b"];
    assert_eq!(refused::<Copy>(&bad), bad);
    assert_eq!(refused::<SystemPackage>(&["g++", "git=1:2.39.5-0", "git-", "-y", "a b"]), ["git-", "-y", "a b"]);
    assert_eq!("cap_sys_ptrace".parse::<LinuxCapability>().unwrap().as_str(), "SYS_PTRACE");
}
