//! Tests with texts of real engines; a text without a comment is from 20.10.24.
//!
//! Each text is a capture, so that a new engine version adds a text and changes none.

use super::*;

fn told(action: &str, subject: RequestSubject<'_>, text: &str) -> EngineError {
    classify_refusal(text, RefusedRequest { action, subject })
}

fn start(text: &str) -> EngineError {
    told("start the container", RequestSubject::Container("envctl-x"), text)
}

fn create(text: &str) -> EngineError {
    told("create the container", RequestSubject::Container("envctl-x"), text)
}

#[test]
fn a_missing_gpu_is_told_by_all_its_names() {
    let texts = [
        r#"could not select device driver "" with capabilities: [[gpu]]"#,
        r#"could not select device driver "cdi" with capabilities: []"#,
        "Unknown runtime specified nvidia",
        // Docker 28.
        "unknown or invalid runtime name: nvidia",
        "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=all",
        "failed to create task for container: failed to create shim task: OCI runtime create failed: could not apply required modification to OCI specification: error modifying OCI spec: failed to inject CDI devices: unresolvable CDI devices runtime.nvidia.com/gpu=all: unknown",
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error running hook #0: error running hook: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'\nnvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown",
    ];
    for text in texts {
        assert!(matches!(start(text), EngineError::NoGpu { .. }), "{text}");
    }
    assert_eq!(
        start(texts[6]).to_string(),
        "the container engine can't give containers a GPU: nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory"
    );
}

#[test]
fn a_network_that_is_gone_is_told() {
    let texts = [
        "network engtest-gone not found",
        "network 483f0773b5b2d482072d76c965973c415f20652cca665eda0ee506152271f9f1 not found",
        "network envctl is ambiguous (2 matches found on name)",
        // Docker 28.
        "failed to set up container networking: network envctl not found",
    ];
    for text in texts {
        assert!(matches!(start(text), EngineError::NetworkMissing { .. }), "{text}");
    }
    let full =
        "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";
    assert!(matches!(told("make a network", RequestSubject::Network("envctl"), full), EngineError::NoAddresses { .. }));
}

#[test]
fn a_taken_port_is_named() {
    let texts = [
        (
            "driver failed programming external connectivity on endpoint envctl-cap-port (98e6333b1720): Error starting userland proxy: listen tcp4 127.0.0.1:39777: bind: address already in use",
            "127.0.0.1:39777",
        ),
        (
            "driver failed programming external connectivity on endpoint envctl-cap-port2 (0acb198e8be2): Bind for 127.0.0.1:39999 failed: port is already allocated",
            "127.0.0.1:39999",
        ),
        (
            // Docker 28.
            "failed to set up container networking: driver failed programming external connectivity on endpoint WinBoat (d5bda004c9be): failed to bind host port for 0.0.0.0:7148:172.18.0.2:7148/tcp: address already in use",
            "0.0.0.0:7148",
        ),
        (
            "driver failed programming external connectivity on endpoint x (98e6): Error starting userland proxy: listen tcp6 [::1]:8888: bind: address already in use",
            "[::1]:8888",
        ),
    ];
    for (text, expected) in texts {
        match start(text) {
            EngineError::PortTaken { port, .. } => assert_eq!(port, expected),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_taken_name_is_named_without_its_slash() {
    let text = r#"Conflict. The container name "/envctl-cap-a" is already in use by container "aaac655ac5a0". You have to remove (or rename) that container to be able to reuse that name."#;
    assert_eq!(create(text).to_string(), "the container name `envctl-cap-a` is taken");
}

#[test]
fn what_is_missing_on_the_host_is_named() {
    let mount = r#"invalid mount config for type "bind": bind source path does not exist: /nope/x"#;
    assert_eq!(create(mount).to_string(), "the mount source `/nope/x` does not exist");
    let device =
        r#"error gathering device information while adding custom device "/dev/nvidia0": no such file or directory"#;
    assert_eq!(start(device).to_string(), "the device `/dev/nvidia0` does not exist on the engine's host");
}

#[test]
fn a_refused_limit_is_named_not_numbered() {
    let text = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting rlimits for ready process: error setting rlimit type 8: operation not permitted: unknown";
    assert_eq!(start(text).to_string(), "the container engine is not permitted to set the limit `memlock`");
}

#[test]
fn a_command_that_is_not_there_has_the_shells_code() {
    let layers = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
    let cases = [
        (r#"exec: "/nope": stat /nope: no such file or directory: unknown"#, "/nope", 127),
        (r#"exec: "nope": executable file not found in $PATH: unknown"#, "nope", 127),
        (r#"exec: "/etc/passwd": permission denied: unknown"#, "/etc/passwd", 126),
    ];
    for (words, wanted, code) in cases {
        match start(&format!("{layers}{words}")) {
            EngineError::CommandNotRun { command, code: got, .. } => {
                assert_eq!((command.as_str(), got), (wanted, code));
            }
            other => panic!("{words}: {other:?}"),
        }
    }
    let directory = r#"OCI runtime exec failed: exec failed: unable to start container process: chdir to cwd ("/nope") set in config.json failed: no such file or directory: unknown"#;
    assert_eq!(not_run(directory), Some((None, 126)));
    assert_eq!(not_run("unable to find user nobodyx: no matching entries in passwd file"), Some((None, 126)));
}

#[test]
fn containers_that_are_gone_or_stopped_are_told_apart() {
    let gone = told(
        "run a command in the container",
        RequestSubject::Container("envctl-nope"),
        "No such container: envctl-nope",
    );
    assert_eq!(gone.to_string(), "there is no container `envctl-nope`");
    let stopped = told(
        "run a command in the container",
        RequestSubject::Container("envctl-x"),
        "Container aaac655ac5a0 is not running",
    );
    assert_eq!(stopped.to_string(), "the container `envctl-x` is not running");
}

#[test]
fn what_is_in_use_is_told() {
    let volume = told(
        "remove the volume",
        RequestSubject::Volume("v"),
        "remove envctl-cap-v: volume is in use - [aaac655ac5a0]",
    );
    assert!(matches!(volume, EngineError::InUse { .. }), "{volume:?}");
    let image = told(
        "remove the image",
        RequestSubject::Image("i"),
        r#"conflict: unable to remove repository reference "i:12" (must force) - container aaac655ac5a0 is using its referenced image 442b050e21a3"#,
    );
    assert!(matches!(image, EngineError::InUse { .. }), "{image:?}");
}

#[test]
fn a_registry_out_of_reach_is_not_a_missing_image() {
    let ask = |text| told("ask the registry for the image", RequestSubject::Image("debian:12"), text);
    let away =
        ask(r#"Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.53:53: no such host"#);
    assert!(matches!(away, EngineError::RegistryUnreachable { .. }), "{away:?}");
    let absent = ask("manifest unknown: manifest unknown");
    assert!(matches!(absent, EngineError::NoImage { .. }), "{absent:?}");
    let private = ask(
        "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    );
    assert!(matches!(private, EngineError::NoImage { .. }), "{private:?}");
    for text in [
        "localhost:5999/lab/nope:12: not found",
        "pulling from host localhost:5999 failed with status code [manifests 12]: 401 Unauthorized",
        r#"Head "http://localhost:5999/v2/lab/debian/manifests/12": no basic auth credentials"#,
    ] {
        let absent = ask(text);
        assert!(matches!(absent, EngineError::NoImage { .. }), "{absent:?}");
    }
    assert!(matches!(create("No such image: envctl-nope:1"), EngineError::NoImage { .. }));
}

#[test]
fn the_rest_keeps_the_engines_words() {
    let text = "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available";
    assert_eq!(create(text).to_string(), format!("the container engine refused to create the container: {text}"));
}
