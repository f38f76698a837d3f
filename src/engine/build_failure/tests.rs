//! Tests with messages of real tools, as their build steps printed them.
//!
//! Each text is a capture, so that a test fails when a pattern matches only an invented message.

use super::*;

fn cause(reason: &str, log: &[&str]) -> BuildCause {
    BuildCause::of(reason, &log.iter().map(|&line| line.to_owned()).collect::<Vec<_>>())
}

const EXIT_1: &str = "executor failed running [/bin/sh -c x]: exit code: 1";

#[test]
fn a_certificate_comes_before_what_pip_makes_of_it() {
    let pip = [
        "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:992)'))': /simple/six/",
        "ERROR: Could not find a version that satisfies the requirement six (from versions: none)",
        "ERROR: No matching distribution found for six",
    ];
    assert_eq!(cause(EXIT_1, &pip), BuildCause::Certificate);
    assert_eq!(cause(EXIT_1, &["  Caused by: invalid peer certificate: UnknownIssuer"]), BuildCause::Certificate);
    assert_eq!(
        cause(EXIT_1, &["curl: (60) SSL certificate problem: unable to get local issuer certificate"]),
        BuildCause::Certificate
    );
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    let unreachable = |host: &str| BuildCause::Unreachable { host: Some(host.to_owned()) };
    let cases = [
        (
            "Err:1 http://mirror.example/debian bookworm InRelease  Temporary failure resolving 'mirror.example'",
            "mirror.example",
        ),
        ("curl: (6) Could not resolve host: index.example", "index.example"),
        (
            "W: Failed to fetch http://mirror.example/x  Could not connect to mirror.example:80 (192.0.2.1). - connect (111: Connection refused)",
            "mirror.example",
        ),
        (
            "HTTPSConnectionPool(host='index.example', port=443): Max retries exceeded with url: /simple/ (Caused by NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in name resolution'))",
            "index.example",
        ),
        (
            "error: Request failed after 3 retries for url (https://index.example/simple/six/): dns error: failed to lookup address information",
            "index.example",
        ),
    ];
    for (line, host) in cases {
        assert_eq!(cause(EXIT_1, &[line]), unreachable(host), "{line}");
    }
}

#[test]
fn versions_and_packages_that_do_not_exist_are_named() {
    let version = |requirement: &str| BuildCause::NoSuchVersion { requirement: requirement.to_owned() };
    assert_eq!(cause(EXIT_1, &["ERROR: No matching distribution found for torch==9.9"]), version("torch==9.9"));
    let uv = "  ╰─▶ Because there is no version of six==99 and you require six==99, we can conclude that your requirements are unsatisfiable.";
    assert_eq!(cause(EXIT_1, &[uv]), version("six==99"));
    let uv =
        "  ╰─▶ Because nosuch was not found in the package registry and you require nosuch, we can conclude that your";
    assert_eq!(cause(EXIT_1, &[uv]), version("nosuch"));
    let package = |package: &str| BuildCause::NoSuchPackage { package: package.to_owned() };
    assert_eq!(cause(EXIT_1, &["E: Unable to locate package libgl9"]), package("libgl9"));
    assert_eq!(
        cause(EXIT_1, &["E: Package 'libgl1-mesa-glx' has no installation candidate"]),
        package("libgl1-mesa-glx")
    );
    assert_eq!(cause(EXIT_1, &["E: Version '9' for 'git' was not found"]), package("git=9"));
}

#[test]
fn a_full_disk_and_a_killed_step_are_told() {
    assert_eq!(cause(EXIT_1, &["tar: x: Cannot write: No space left on device"]), BuildCause::DiskFull);
    assert_eq!(cause("executor failed running [/bin/sh -c x]: exit code: 137", &[]), BuildCause::Killed);
    // Docker 23 and newer.
    let newer = r#"process "/bin/sh -c exit 7" did not complete successfully: exit code: 7"#;
    assert_eq!(cause(newer, &[]), BuildCause::Command { code: 7 });
    assert_eq!(cause("unexpected EOF", &[]), BuildCause::Other);
}

#[test]
fn proxies_and_hashes_are_told() {
    let proxy = "ERROR: Could not install: ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required'))";
    assert_eq!(cause(EXIT_1, &[proxy]), BuildCause::Proxy);
    assert_eq!(
        cause(EXIT_1, &["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."]),
        BuildCause::HashMismatch
    );
}

#[test]
fn a_failure_says_where_and_why_on_one_line() {
    let failure = BuildFailure {
        step: "[3/4] RUN apt-get   install libgl9".into(),
        line: Some(5),
        log: Vec::new(),
        reason: EXIT_1.into(),
        cause: BuildCause::NoSuchPackage { package: "libgl9".into() },
    };
    assert_eq!(
        failure.to_string(),
        "the build failed at `[3/4] RUN apt-get install libgl9` (line 5 of the Dockerfile): the distribution has no package `libgl9`"
    );
    assert_eq!(failure.hints().len(), 1);
}

const DOCKERFILE: &str = "\
# base
FROM debian:12 AS base

RUN --mount=type=cache,target=/c \\
    # inside
    apt-get update && \\
    apt-get install -y git
copy a /a
RUN echo $X
RUN true
";

#[test]
fn a_step_is_found_in_its_dockerfile() {
    let line = |step| dockerfile_line(DOCKERFILE, step);
    assert_eq!(
        line("[base 2/5] RUN --mount=type=cache,target=/c     apt-get update &&     apt-get install -y git"),
        Some(4)
    );
    assert_eq!(line("[base 1/5] FROM debian:12"), Some(2));
    assert_eq!(line("[base 3/5] COPY a /a"), Some(8));
    assert_eq!(line("[5/5] RUN true"), Some(10));
    assert_eq!(line("exporting to image"), None);
    assert_eq!(line("[base 4/5] RUN echo value"), Some(9), "rewritten by the builder");
}

#[test]
fn a_framework_that_is_not_imported_is_named() {
    let log = [
        "  File \"<envctl>\", line 1, in <module>",
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
        "envctl: the import of `pytorch` failed: ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
    ];
    let cause = cause(EXIT_1, &log);
    let error = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory".to_owned();
    assert_eq!(cause, BuildCause::NotImported { framework: "pytorch".to_owned(), error });
    let step = "[9/9] RUN frameworks.py".to_owned();
    let failure = BuildFailure { step, line: Some(70), log: Vec::new(), reason: EXIT_1.to_owned(), cause };
    assert!(failure.to_string().contains("`pytorch` can't be imported: ImportError: libGL.so.1"), "{failure}");
    assert_eq!(failure.hints(), ["add the distribution's package that has `libGL.so.1` to `[system] packages`"]);
}
