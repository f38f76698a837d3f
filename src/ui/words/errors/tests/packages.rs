//! The errors of Python packages.

use super::{each_variant, shown};
use crate::files::{FileError, FileProblem};
use crate::packages::requirements_file::BadLine;
use crate::packages::{BadFile, PackagesError, Refusal};

const INDEX: &str = "https://index.example/simple";
const FILE: &str = "numpy\nnumpy=1\n";

fn refusal(explanation: &str, needs_build: &[&str]) -> Refusal {
    let needs_build = needs_build.iter().map(|name| (*name).to_owned()).collect();
    Refusal { explanation: vec![explanation.to_owned()], needs_build, ..Refusal::default() }
}

fn bad(path: &str, lines: &[usize]) -> BadFile {
    let (why, hint) = ("it is not a requirement".to_owned(), Some("write `numpy==1`".to_owned()));
    let bad = |line: &usize| BadLine { line: *line, text: "numpy=1".into(), why: why.clone(), hint: hint.clone() };
    BadFile { path: path.into(), text: FILE.into(), lines: lines.iter().map(bad).collect() }
}

fn bad_line() -> PackagesError {
    PackagesError::BadRequirements { bad: vec![bad("more.txt", &[2])] }
}

#[test]
fn errors_of_python_packages() {
    let errors = each_variant![PackagesError;
        HostNotAgreed { path: "requirements.txt".into(), host: "example.org".into() },
        Conflict (refusal("Because a needs b<2 and you require b>=2, …", &[]).into()),
        Conflict (refusal("flash-attn has no wheels", &["flash-attn"]).into()),
        NeedsCode { package: "docopt".into(), output: vec!["error: Failed to build `docopt==0.6.2`".into()] },
        InContainer { error: PackagesError::NoPython.into() },
        SourceFailed { package: "tool".into(), output: vec!["ModuleNotFoundError: No module named 'torch'".into()] },
        UnusableSource { package: "tool".into(), why: "`tool` has an address of its own".into() },
        BuildRequirements {
            packages: vec!["tool".into()],
            error: PackagesError::Conflict(refusal("Because tool needs cython<1", &[]).into()).into(),
        },
        IndexUnreachable { index: INDEX.into(), output: vec!["error: dns error".into()], framework: None },
        IndexUnreachable { index: INDEX.into(), output: Vec::new(), framework: Some("pytorch".into()) },
        AddressUnreachable { address: "https://example.org/a.whl".into(), output: vec!["error: 404".into()] },
        Untrusted { index: INDEX.into(), output: vec!["invalid peer certificate: UnknownIssuer".into()] },
        Unauthorised { index: INDEX.into(), output: vec!["401 Unauthorized".into()] },
        UvFailed { output: vec!["error: something else".into()] },
        Unparsable { line: "numpy is 1".into() },
        BadRequirements { bad: vec![bad("requirements.txt", &[2])] },
        BadRequirements { bad: vec![bad("requirements.txt", &[1, 2])] },
        BadRequirements { bad: vec![bad("requirements.txt", &[1]), bad("more.txt", &[2])] },
        OutsideProject { path: "../requirements.txt".into() },
        Included {
            path: "requirements.txt".into(),
            text: "-r more.txt\n".into(),
            line: 1,
            error: Box::new(bad_line()),
        },
        Circular { path: "requirements.txt".into() },
        HashMismatch { package: "numpy".into(), path: "requirements.txt".into() },
        NoCertificates { path: "/etc/lab/ca.crt".into() },
        CertificatesChanged { path: "/etc/lab/ca.crt".into() },
        NoPlatform { arch: "riscv64".into() },
        NoToolFor { arch: "riscv64".into() },
        NoPython {},
        NoPip {},
        NoUv { version: "0.8.0", output: vec!["ERROR: no matching distribution".into()], certificates: false },
        NoUv { version: "0.8.0", output: vec!["CERTIFICATE_VERIFY_FAILED".into()], certificates: true },
        NoSuchUv { program: "/opt/uv".into() },
        NotRun { program: "uv".into(), reason: "Permission denied (os error 13)".into() },
        File (FileError::read("requirements.txt".as_ref(), FileProblem::NotText)),
        TooManyIncludes { path: "requirements.txt".into(), what: "more than 64 files".into() },
        Unwritable { path: "/home/ada/.cache".into(), reason: "Read-only file system (os error 30)".into() },
        CertificatesTooLarge { bytes: 600_000, limit: 500_000 },
    ];
    insta::assert_snapshot!(shown(&errors));
}
