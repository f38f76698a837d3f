//! Tests of messages, hints, questions, progress and errors, as a user sees them.
//!
//! They run on terminals of three widths, with and without colour.

use std::io;

use super::printer::Printer;
use super::streams::held::{streams, terminal};
use super::{GPU_QUESTION, framework_question, left_comments, name_question, status};
use crate::draft::{Draft, DraftFramework, DraftHost, DraftPlace, How, LeftReason};
use crate::error::{Error, Report, Snippet};
use crate::event::{
    BuildStep, Event, Notice, PortHolder, SetAside, Sink, Stage, StageSubject, StepState, TransferAction,
};
use crate::foreign::{KeySetting, WhyNotRead};
use crate::grants::{Grant, GrantKind};
use crate::manifest::Vocabulary;
use crate::settings::{ColorChoice, Global, Progress, Verbosity};

const WIDTHS: [usize; 3] = [60, 80, 120];

fn global(color: bool) -> Global {
    Global {
        engine: None,
        json: false,
        progress: Progress::Lines,
        color: ColorChoice { stdout: color, stderr: color },
        verbosity: Verbosity::Verbose,
    }
}

fn shown(width: usize, color: bool, answer: fn() -> io::Result<String>, show: impl Fn(&Printer)) -> String {
    let (streams, held) = streams(width, answer);
    show(&Printer::into(global(color), true, streams));
    held.text()
}

fn nobody() -> io::Result<String> {
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// A user who gives one answer.
macro_rules! answers {
    ($text:literal) => {
        (|| Ok($text.to_owned())) as fn() -> io::Result<String>
    };
}

/// Shows a text at each width, then with colour, with `^[` for escape characters. Colour changes no character.
fn pages(show: impl Fn(&Printer)) -> String {
    let mut pages = String::new();
    for width in WIDTHS {
        let plain = shown(width, false, nobody, &show);
        let coloured = shown(width, true, nobody, &show);
        assert_eq!(without_colours(&coloured), plain);
        pages.extend([format!("{width:-<width$}\n"), plain]);
    }
    pages + "colour\n" + &shown(80, true, nobody, &show).replace('\u{1b}', "^[")
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn notices_wrap_at_words() {
    let aside = SetAside {
        path: "/home/梅/状态/环境/host_ed25519".into(),
        aside: "/home/梅/状态/环境/host_ed25519.damaged".into(),
    };
    let notices = [
        Notice::HostKeyReplaced { damaged: aside },
        Notice::PortMoved { from: 2222, to: 2223, holder: PortHolder::Container("🐳-容器".to_owned()) },
        Notice::FetchingUv { version: "0.9.1".to_owned() },
        Notice::GpuRoute { route: "cdi" },
        Notice::VolumeStays { volume: "nothing\u{1b}[2J of a \u{202e}name acts".to_owned() },
    ];
    insta::assert_snapshot!(pages(|printer| notices.iter().for_each(|notice| printer.emit(notice.clone().into()))));
}

#[test]
fn hints_and_messages() {
    insta::assert_snapshot!(pages(|printer| {
        printer.message("lab is not up\n");
        printer.hint("look for what is wrong with this machine, whose 名字 is long enough to wrap: `envctl doctor`");
    }));
}

#[test]
fn a_question_and_its_answers() {
    let yes: [fn() -> io::Result<String>; 2] = [|| Ok("y\n".to_owned()), || Ok(" YES \n".to_owned())];
    let no: [fn() -> io::Result<String>; 3] = [|| Ok("\n".to_owned()), || Ok("yesterday\n".to_owned()), nobody];
    let answered = |answer, expected| {
        shown(60, true, answer, |printer| assert_eq!(printer.confirm("", "Agree to that, 好吗?"), expected))
    };
    for answer in yes {
        assert_eq!(answered(answer, true), "Agree to that, 好吗? [y/N] ");
    }
    for answer in no {
        assert_eq!(answered(answer, false), "Agree to that, 好吗? [y/N] ");
    }
}

#[test]
fn a_question_shows_what_it_is_about_even_if_quiet() {
    let (streams, held) = streams(80, nobody);
    let printer = Printer::into(Global { verbosity: Verbosity::Quiet, ..global(false) }, true, streams);
    assert!(!printer.confirm("It asks for privileged.\n", "Agree?"));
    assert_eq!(held.text(), "It asks for privileged.\nAgree? [y/N] ");
}

#[test]
fn a_question_for_a_text() {
    let asked = |answer, expected: Option<&str>| {
        shown(60, true, answer, |printer| assert_eq!(printer.ask("Name?").as_deref(), expected))
    };
    assert_eq!(asked(|| Ok(" lab \n".to_owned()), Some("lab")), "Name? ");
    assert_eq!(asked(|| Ok("\n".to_owned()), None), "Name? ");
    assert_eq!(asked(nobody, None), "Name? ");
}

#[test]
fn progress_in_lines() {
    let stage = |stage, subject| Event::Stage { stage, subject };
    let done = |stage, result| Event::StageDone { stage, result };
    let step = |digest: &str, name: &str, state| {
        Event::BuildStep(BuildStep { digest: digest.to_owned(), name: name.to_owned(), state })
    };
    let install =
        "[stage-0 2/4] RUN --mount=type=cache,target=/c apt-get update && apt-get install -y git 编译器 ninja-build";
    let events = [
        done(Stage::Resolve, StageSubject::Frameworks(vec!["pytorch 2.4.1".to_owned(), "jax 0.7.0".to_owned()])),
        stage(Stage::Packages, StageSubject::Python("3.12".to_owned())),
        Event::Transfer { id: "layer".to_owned(), action: TransferAction::Downloading, current: 1, total: Some(2) },
        done(Stage::Packages, StageSubject::Packages(84)),
        stage(Stage::Build, StageSubject::Named("envctl/实验:0f1e2d".to_owned())),
        step("a", "[stage-0 1/4] FROM debian:12", StepState::Cached),
        step("b", install, StepState::Running),
        step("b", install, StepState::Done { milliseconds: 12_345 }),
        step("c", "[stage-0 3/4] COPY 🚀 /srv", StepState::Running),
        step("c", "[stage-0 3/4] COPY 🚀 /srv", StepState::Failed { error: "no such file".to_owned() }),
        Event::Command {
            line: "sudo apt-get install --yes --no-install-recommends docker.io uidmap mmdebstrap 字体".into(),
        },
        done(Stage::Start, StageSubject::Named("lab".to_owned())),
    ];
    insta::assert_snapshot!(pages(|printer| events.iter().for_each(|event| printer.emit(event.clone()))));
}

/// The screen of a terminal while bars move, and after they are removed.
fn screens(width: usize, color: bool, events: &[Event]) -> String {
    let (streams, terminal) = terminal(width.try_into().unwrap());
    let printer = Printer::into(Global { progress: Progress::Bars, ..global(color) }, true, streams);
    for event in events {
        printer.emit(event.clone());
    }
    let screen = || {
        let rows = if color { String::from_utf8(terminal.contents_formatted()).unwrap() } else { terminal.contents() };
        // This makes the text independent of the machine's speed.
        (1..60).fold(rows, |rows, seconds| rows.replace(&format!(" {seconds}s"), " 0s"))
    };
    let moving = screen();
    printer
        .emit(Event::StageDone { stage: Stage::Build, result: StageSubject::Named("envctl/实验:0f1e2d".to_owned()) });
    format!("{}\n\n{}\n", moving.trim_end(), screen().trim_end())
}

#[test]
fn progress_in_bars() {
    let step = |digest: &str, name: &str, state| {
        Event::BuildStep(BuildStep { digest: digest.to_owned(), name: name.to_owned(), state })
    };
    let moves = |id: &str, total| Event::Transfer {
        id: id.to_owned(),
        action: TransferAction::Downloading,
        current: 3 << 20,
        total,
    };
    let log = |line: &str| Event::BuildLog { step: "b".to_owned(), line: line.to_owned() };
    let install =
        "[stage-0 2/4] RUN --mount=type=cache,target=/c apt-get update && apt-get install -y git 编译器 ninja-build";
    let events = [
        Event::Stage { stage: Stage::Build, subject: StageSubject::Named("envctl/实验:0f1e2d".to_owned()) },
        step("a", "[stage-0 1/4] FROM debian:12", StepState::Cached),
        step("b", install, StepState::Running),
        log("Get:1 http://mirror.example/debian bookworm InRelease [151 kB]"),
        log("正在设置 ninja-build (1.11.1-2~deb12u1) ... and what a bar has no room for is cut off at its end"),
        moves("sha256:0f1e2d", Some(40 << 20)),
        moves("sha256:3c4b5a", None),
        Notice::FetchingUv { version: "0.9.1".to_owned() }.into(),
    ];
    let pages = WIDTHS.map(|width| format!("{width:-<width$}\n{}", screens(width, false, &events)));
    let coloured = screens(80, true, &events).replace('\u{1b}', "^[");
    insta::assert_snapshot!(format!("{}colour\n{coloured}", pages.concat()));
}

#[derive(Debug, thiserror::Error)]
#[error("`run.shm` has a value with 表情 🙂 that is not a size, and nothing that a size is written like is near to it")]
struct Wrong;

impl Report for Wrong {
    fn kind(&self) -> &'static str {
        "wrong"
    }

    fn hints(&self) -> Vec<String> {
        vec![
            "a size is a number and a unit: `shm = \"8 GiB\"`, or `\"512 MiB\"`, or the number of bytes alone"
                .to_owned(),
        ]
    }

    fn snippets(&self) -> Vec<Snippet> {
        let text = "name = \"实验\"\n[run]\nshm = \"🙂 GiB\"\n".to_owned();
        let start = text.find("\"🙂").unwrap();
        let span = start..text.len() - 1;
        vec![Snippet { path: "envctl.toml".into(), text, span, label: "not a size".to_owned() }]
    }

    fn output(&self) -> Vec<String> {
        vec!["what another program said is not wrapped, because it may be copied from here into a search".to_owned()]
    }
}

#[test]
fn an_error_with_its_place() {
    insta::assert_snapshot!(pages(|printer| printer.failure(&Error::from(Wrong))));
}

#[test]
fn what_a_manifest_asks_for_and_the_question() {
    let grant = |kind, what: &str, extent: &str, line, changed| Grant {
        extent: extent.to_owned(),
        place: Some(format!("envctl.toml:{line}")),
        changed,
        ..Grant::for_tests(kind, what)
    };
    let grants = [
        grant(GrantKind::HostIpc, "", "", 4, false),
        grant(GrantKind::Devices, "/dev/fuse", "rw", 5, true),
        grant(GrantKind::EngineNetwork, "网络", "", 6, false),
    ];
    insta::assert_snapshot!(pages(|printer| {
        printer.message(&status::grants(&grants, printer.message_width()));
        assert!(!printer.confirm("", "Agree to that, for this environment?"));
        printer.message("\n");
    }));
}

fn drafted() -> Draft {
    let mut draft = Draft::new("lab".parse().unwrap(), Vocabulary::default(), DraftHost::default());
    let line = |number| DraftPlace::line("requirements.txt", number);
    let with = ["torchaudio", "torchvision"].map(str::to_owned).into();
    let found = DraftFramework { version: "2.4.1".parse().unwrap(), with, place: line(1), how: How::Mapped };
    draft.add_framework(&"pytorch".parse().unwrap(), found);
    let image = DraftPlace::line("docker/研究室/Dockerfile", 12);
    draft.offer(KeySetting::whole("python", "version", "3.10"), &DraftPlace::whole("command line"), How::Asked);
    draft.offer(KeySetting::entry("run", "env", "HF_HOME", "/data/模型"), &image, How::Mapped);
    draft.offer(KeySetting::whole("system", "base", "ubuntu:22.04"), &image, How::Guessed);
    draft.leave("make install && \u{1b}[2J reboot", &image, LeftReason::NotRead(WhyNotRead::BuildStep));
    draft.leave("--user 1000", &DraftPlace::whole("--from-docker"), LeftReason::NotRead(WhyNotRead::NoKey));
    draft.leave("../data", &line(7), LeftReason::NotRead(WhyNotRead::LocalPath));
    draft.leave("import models", &DraftPlace::line("main.py", 3), LeftReason::Unknown);
    for number in 0..60 {
        let why = LeftReason::NotRead(WhyNotRead::UnknownOption);
        draft.leave(&format!("--option-{number}"), &DraftPlace::whole("--from-docker"), why);
    }
    draft
}

#[test]
fn what_a_draft_takes_and_leaves_out() {
    let report = pages(|printer| printer.draft(&drafted()));
    let is_repeated = |line: &&str| (1..55).any(|number| line.contains(&format!("--option-{number} ")));
    let report = report.lines().filter(|line| !is_repeated(line)).collect::<Vec<_>>().join("\n");
    let comments = left_comments(&drafted());
    let comments = comments.lines().filter(|line| !is_repeated(line)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{report}\nin the manifest{comments}"));
}

#[test]
fn what_init_asks() {
    let known = ["jax", "pytorch", "tensorflow"].map(|id| id.parse().unwrap());
    insta::assert_snapshot!(pages(|printer| {
        assert_eq!(printer.ask(&framework_question(&known.each_ref())), None);
        printer.message("\n");
        assert_eq!(printer.ask(&name_question(&"lab".parse().unwrap())), None);
        printer.message("\n");
        assert!(printer.accept(GPU_QUESTION));
        printer.message("\n");
    }));
}

#[test]
fn only_no_refuses_what_is_yes_by_default() {
    for (answer, is_accepted) in
        [(answers!("n"), false), (answers!("No "), false), (answers!(""), true), (answers!("y"), true)]
    {
        shown(80, false, answer, |printer| assert_eq!(printer.accept(GPU_QUESTION), is_accepted));
    }
}
