//! The errors of rendering.

use super::{each_variant, place, shown};
use crate::render::words::Unquotable;
use crate::render::{LineRefusal, RefusedLine, RenderError};

fn refused(why: LineRefusal) -> RenderError {
    let line = RefusedLine { line: 2, text: "LINE".to_owned(), why };
    RenderError::OwnLine { line, at: Vec::new() }
}

#[test]
fn errors_of_rendering() {
    let line = RefusedLine { line: 2, text: "FROM ubuntu".to_owned(), why: LineRefusal::Instruction { name: "FROM" } };
    let errors = each_variant![RenderError;
        DistributionNotYet { os: "rocky:9".into() },
        PythonNotYet { version: "3.5".into() },
        OwnLine { line, at: place("asked for here") },
        Unquotable (Unquotable::EmptyMount),
    ];
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn texts_that_cannot_be_quoted() {
    let texts = each_variant![Unquotable;
        ControlCharacter { text: "a\nb".into(), place: "sh" },
        MountCharacter { text: "a,b".into() },
        EmptyMount {},
    ];
    insta::assert_snapshot!(shown(&texts.map(RenderError::Unquotable)));
}

#[test]
fn refusals_of_own_lines() {
    let refusals = each_variant![LineRefusal;
        Character {},
        Flag {},
        Unfinished {},
        UnknownInstruction { name: "rum".into() },
        Instruction { name: "ADD" },
        Instruction { name: "FROM" },
        Instruction { name: "VOLUME" },
        HereDocument {},
        UnknownFlag { instruction: "RUN".into(), flag: "security".into() },
        MountOption { option: "sharing".into() },
        MountType { kind: "bind".into() },
        ForeignSecret { id: "token".into() },
        ReservedCache { id: "envctl-uv".into() },
        ReservedSource { from: "envctl-fetch".into() },
    ];
    insta::assert_snapshot!(shown(&refusals.map(refused)));
}
