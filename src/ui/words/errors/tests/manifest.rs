//! The problems of a manifest.

use super::{each_variant, shown};
use crate::manifest::schema::Answer;
use crate::manifest::{ManifestProblem, ProblemKind, ValueError};

fn problem(kind: ProblemKind) -> ManifestProblem {
    ManifestProblem { kind, snippets: Vec::new() }
}

fn bad_port() -> ValueError {
    ValueError { text: "70000".into(), what: "a port", why: "it is above 65535".into(), allowed: "1 to 65535".into() }
}

fn torch() -> String {
    "torch".to_owned()
}

#[test]
fn problems_of_a_manifest() {
    let kinds = each_variant![ProblemKind;
        Syntax { message: "invalid string, expected quoted text".into() },
        TooMuch { of: "mounts", found: 300, most: 256 },
        TooMuch { of: "published ports", found: 3000, most: 1000 },
        TooMuch { of: "bytes", found: 2_000_000, most: 1_000_000 },
        DuplicateKey { key: "name".into() },
        UnknownTable { table: "framework".into(), near: Some("frameworks") },
        UnknownTable { table: "zzz".into(), near: None },
        UnknownKey { key: "versoin".into(), table: "cuda", answer: Answer::Near { table: "cuda", key: "version" } },
        UnknownKey { key: "versoin".into(), table: "", answer: Answer::Near { table: "cuda", key: "version" } },
        UnknownKey { key: "port".into(), table: "run", answer: Answer::OtherName { table: "run", key: "ports" } },
        UnknownKey { key: "image".into(), table: "run", answer: Answer::OtherName { table: "system", key: "image" } },
        UnknownKey { key: "version".into(), table: "run", answer: Answer::Belongs(vec!["cuda", "python"]) },
        UnknownKey { key: "zzz".into(), table: "cuda", answer: Answer::Nothing },
        UnknownFramework { name: "pytroch".into(), near: Some("pytorch".into()), known: Vec::new() },
        UnknownFramework { name: "zzz".into(), near: None, known: vec!["jax".into(), "pytorch".into()] },
        OtherFramework { name: torch(), id: "pytorch".into() },
        FrameworkAtTop { id: "pytorch".into() },
        WrongType {
            key: "run.mounts".into(),
            found: "a string",
            allowed: "a list of strings",
            right: Some("`[\"/data:/data\"]`".into()),
        },
        BadValue (bad_port()),
        MissingKey { key: "target", of: "a mount" },
        Clash { one: "image", other: "base" },
        NothingAsked {},
        OtherTool { wanted: ">=2".into(), have: "1.0.0" },
        OnlyInProject { key: "frameworks" },
        OnlyInConfig { table: "projects" },
        EmptyList { key: "gpu.devices", instead: "use `devices = \"none\"`" },
        PortTwice { port: 8888 },
        PortIsSsh { port: 2222 },
        TargetTwice { target: "/data".into() },
        TargetReserved { target: "/opt/envctl".into() },
        PortsWithoutNetwork { mode: "host".into() },
        PortsWithoutNetwork { mode: "none".into() },
        HostnameOnHostNetwork {},
        SshWithoutNetwork {},
        ShmWithoutIpc { mode: "host".into() },
        OptionalWithoutGpu {},
        ReservedVariable { name: "NVIDIA_VISIBLE_DEVICES".into(), instead: "`[gpu] devices`" },
        UnexpandedVariable { name: "PATH".into() },
        UnexpandedVariable { name: "LD_LIBRARY_PATH".into() },
        Twice { text: "8888".into(), key: "run.ports" },
    ];
    insta::assert_snapshot!(shown(&kinds.map(problem)));
}
