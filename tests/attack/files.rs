//! Links, pipes and endless files in a clone, at every path that envctl reads or writes, and directories of another
//! user.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sandbox::{MANIFEST, Ran, Sandbox, ran};

/// The text of a file outside the project. No output and no lock may contain it.
const SECRET: &str = "PRIVATE-TEXT-OF-THE-CALLER";

/// The address space of a command that meets an endless file, in bytes. The command must refuse the file, not run out
/// of memory.
const MEMORY: &str = "--as=2147483648";

/// Another user, without a name on this machine.
const STRANGER: u32 = 54321;

const ALL_FILES: &str = "
[python]
requirements = [\"requirements.txt\"]
[run]
env-file = [\"run.env\"]
[ssh]
authorized-keys = [\"keys.pub\"]
[build]
copy = [\"tools:/opt/tools\"]
secrets = [\"id=token,src=token.txt\"]
";

/// Verbs that read the files of a project. Each reads all of its files.
const LOCK: &[&str] = &["lock"];
const PLAN: &[&str] = &["plan", "--bootstrap", "--allow", "build-secrets"];
const UP: &[&str] = &["up", "--bootstrap", "--yes", "--allow", "build-secrets"];
const RENDER: &[&str] = &["render", "--allow", "build-secrets"];

/// Every file that a project can contain, and the verb that reads it.
const OF_THE_PROJECT: [(&str, &[&str]); 14] = [
    ("envctl.toml", &["check"]),
    ("envctl.local.toml", &["check"]),
    ("envctl.lock", LOCK),
    ("envctl.lock", UP),
    ("requirements.txt", LOCK),
    ("more.txt", LOCK),
    ("run.env", PLAN),
    ("run.env", UP),
    ("tools/run", UP),
    ("keys.pub", PLAN),
    ("tools/run", RENDER),
    ("tools", RENDER),
    ("token.txt", PLAN),
    ("ca.pem", &["lock", "--manifest", "ca.toml", "--allow", "network-settings"]),
];

/// Files that the caller names or owns. Their links belong to the caller, so they can lead anywhere.
const OF_THE_CALLER: [(&str, &[&str]); 6] = [
    ("../home/.config/envctl/config.toml", &["check"]),
    ("named.toml", &["check", "--manifest", "named.toml"]),
    ("machine.json", &["check", "--facts", "machine.json"]),
    ("some.lock", &["check", "some.lock"]),
    ("../home/.config/envctl/matrix/gpus.toml", &["check"]),
    ("../home/known-certificates.pem", &["lock", "--manifest", "home-ca.toml", "--allow", "network-settings"]),
];

/// The object in place of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hostile {
    LinkOut,
    RelativeLinkOut,
    DanglingLinkOut,
    LinkToEndless,
    Pipe,
    Socket,
    Directory,
    Huge,
}

use Hostile::{DanglingLinkOut, Directory, Huge, LinkOut, LinkToEndless, Pipe, RelativeLinkOut, Socket};

const OBJECTS: [Hostile; 8] = [LinkOut, RelativeLinkOut, DanglingLinkOut, LinkToEndless, Pipe, Socket, Directory, Huge];
const NO_FILES: [Hostile; 5] = [LinkToEndless, Pipe, Socket, Directory, Huge];

impl Hostile {
    fn put(self, place: &Path, outside: &Path) {
        match self {
            LinkOut => symlink(outside.join("secret"), place).unwrap(),
            RelativeLinkOut => symlink(relative(place, &outside.join("secret")), place).unwrap(),
            DanglingLinkOut => symlink(outside.join("new"), place).unwrap(),
            LinkToEndless => symlink("/dev/zero", place).unwrap(),
            Pipe => assert!(Command::new("mkfifo").arg(place).status().unwrap().success()),
            Socket => drop(std::os::unix::net::UnixListener::bind(place).unwrap()),
            Directory => fs::create_dir(place).unwrap(),
            Huge => fs::File::create(place).unwrap().set_len(10 << 30).unwrap(),
        }
    }
}

/// A path `../../…` from the root of a file system to another of its files.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let up = from.parent().unwrap().components().count() - 1;
    std::iter::repeat_n("..", up).collect::<PathBuf>().join(to.strip_prefix("/").unwrap())
}

/// A project with every file and a lock, and a directory with a secret beside it.
struct Clone {
    sandbox: Sandbox,
    outside: PathBuf,
}

impl Clone {
    fn new() -> Self {
        let sandbox = Sandbox::new(ALL_FILES);
        let outside = sandbox.home().join("private");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("secret"), format!("{SECRET}\n")).unwrap();
        fs::create_dir(sandbox.file("tools")).unwrap();
        let key = fs::read_to_string(sandbox.home().join(".ssh/id_ed25519.pub")).unwrap();
        for (name, text) in [
            ("requirements.txt", "-r more.txt\n"),
            ("more.txt", "# nothing\n"),
            ("run.env", "A=1\n"),
            ("keys.pub", key.as_str()),
            ("tools/run", "echo\n"),
            ("token.txt", "token\n"),
            ("ca.toml", &format!("{MANIFEST}[network]\nca-certificates = [\"ca.pem\"]\n")),
            ("home-ca.toml", &format!("{MANIFEST}[network]\nca-certificates = [\"~/known-certificates.pem\"]\n")),
        ] {
            fs::write(sandbox.file(name), text).unwrap();
        }
        sandbox.ok(LOCK);
        Self { sandbox, outside }
    }

    /// Runs a verb with an object in place of a file, and then restores the file.
    fn with(&self, file: &str, object: Hostile, verb: &[&str]) -> Ran {
        let place = self.sandbox.file(file);
        let kept = self.sandbox.file("kept-by-the-test");
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        let was_there = fs::rename(&place, &kept).is_ok();
        object.put(&place, &self.outside);
        let ran = self.limited(verb);
        if object == Directory {
            fs::remove_dir(&place).unwrap();
        } else {
            fs::remove_file(&place).unwrap();
        }
        if was_there {
            fs::rename(&kept, &place).unwrap();
        }
        ran
    }

    fn limited(&self, verb: &[&str]) -> Ran {
        let program = self.sandbox.command(verb);
        let mut command = Command::new("prlimit");
        command.arg(MEMORY).arg(program.get_program()).args(program.get_args());
        command.current_dir(self.sandbox.project()).stdin(std::process::Stdio::null());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        ran(command.output())
    }

    fn assert_refused(&self, case: &str, file: &str, ran: &Ran) {
        assert!((1..=6).contains(&ran.code), "{case}: {ran:#?}");
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        assert!(ran.stderr.contains(name) || ran.stdout.contains(name), "{case} does not name the file: {ran:#?}");
        assert!(!ran.stderr.contains(SECRET) && !ran.stdout.contains(SECRET), "{case}: {ran:#?}");
        let left = fs::read_dir(self.sandbox.project())
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        assert!(left.into_iter().all(|name| !name.starts_with(".envctl-")), "{case} left a temporary file");
        assert!(!self.outside.join("new").exists(), "{case} wrote outside");
    }
}

#[test]
fn no_file_of_a_project_is_read_or_written_out_of_it_or_without_an_end() {
    let clone = Clone::new();
    let mut cases = 0;
    for (file, verb) in OF_THE_PROJECT {
        // A copied directory can be empty.
        for object in OBJECTS.into_iter().filter(|object| *object != Directory || !file.starts_with("tools")) {
            let ran = clone.with(file, object, verb);
            clone.assert_refused(&format!("{file} as {object:?}"), file, &ran);
            cases += 1;
        }
    }
    assert_eq!(cases, 109);
    clone.sandbox.ok(LOCK);
    assert_eq!(clone.limited(PLAN).code, 10);
}

#[test]
fn what_the_caller_names_is_read_only_where_it_is_a_file_with_an_end() {
    let clone = Clone::new();
    for (file, verb) in OF_THE_CALLER {
        for object in NO_FILES {
            let ran = clone.with(file, object, verb);
            clone.assert_refused(&format!("{file} as {object:?}"), file, &ran);
        }
    }
}

#[test]
fn the_callers_own_keys_can_be_anything_and_up_goes_on() {
    let sandbox = Sandbox::new("");
    let clone = Clone { outside: sandbox.home(), sandbox };
    clone.sandbox.ok(LOCK);
    for file in ["../home/.ssh/other.pub", "../home/.ssh/authorized_keys"] {
        for object in NO_FILES {
            let ran = clone.with(file, object, PLAN);
            assert_eq!(ran.code, 10, "{file} as {object:?}: {ran:#?}");
        }
    }
}

#[test]
fn render_writes_through_no_link_of_its_output_directory() {
    let clone = Clone::new();
    let sandbox = &clone.sandbox;
    fs::create_dir(sandbox.file("out")).unwrap();
    for (name, target) in [("Dockerfile", "new"), ("entrypoint", "secret")] {
        let link = sandbox.file("out").join(name);
        symlink(clone.outside.join(target), &link).unwrap();
        let ran = sandbox.run(&["render", "--allow", "build-secrets", "--output", "out"]);
        clone.assert_refused(&format!("a link {name}"), name, &ran);
        fs::remove_file(link).unwrap();
    }
    symlink(&clone.outside, sandbox.file("way-out")).unwrap();
    for output in ["way-out", "way-out/below"] {
        clone.assert_refused(
            output,
            "way-out",
            &sandbox.run(&["render", "--allow", "build-secrets", "--output", output]),
        );
    }
    assert_eq!(fs::read_dir(&clone.outside).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(clone.outside.join("secret")).unwrap(), format!("{SECRET}\n"));
    sandbox.ok(&["render", "--allow", "build-secrets", "--output", "out"]);
    sandbox.ok(&["render", "--allow", "build-secrets", "--output", "new/below"]);
    assert!(sandbox.file("new/below/Dockerfile").is_file());
}

#[test]
fn a_file_that_is_swapped_for_a_link_while_it_is_read_gives_nothing_away() {
    let clone = Clone::new();
    let sandbox = &clone.sandbox;
    for (file, verb) in [
        ("requirements.txt", &["lock", "--locked"][..]),
        ("envctl.toml", &["check"]),
        ("run.env", PLAN),
        ("tools/run", RENDER),
    ] {
        let place = sandbox.file(file);
        let text = fs::read_to_string(&place).unwrap();
        let [spare_file, spare_link] = ["spare-file", "spare-link"].map(|name| sandbox.file(name));
        let done = AtomicBool::new(false);
        let swap = || {
            while !done.load(Ordering::Relaxed) {
                symlink(clone.outside.join("secret"), &spare_link).unwrap();
                fs::rename(&spare_link, &place).unwrap();
                fs::write(&spare_file, &text).unwrap();
                fs::rename(&spare_file, &place).unwrap();
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(swap);
            let runs: Vec<_> = (0..24).map(|_| sandbox.run(verb)).collect();
            done.store(true, Ordering::Relaxed);
            for ran in runs {
                assert!(!ran.stderr.contains(SECRET) && !ran.stdout.contains(SECRET), "{file}: {ran:#?}");
                assert!([0, 1, 2, 6, 10].contains(&ran.code), "{file}: {ran:#?}");
            }
        });
        let lock = fs::read_to_string(sandbox.file("envctl.lock")).unwrap();
        assert!(!lock.contains(SECRET));
        assert_eq!(fs::read_to_string(&place).unwrap(), text);
    }
}

#[test]
fn a_lock_is_not_written_through_a_link_that_stays_inside() {
    let clone = Clone::new();
    let sandbox = &clone.sandbox;
    let lock = sandbox.file("envctl.lock");
    fs::remove_file(&lock).unwrap();
    symlink("run", &lock).unwrap();
    for verb in [LOCK, UP] {
        let ran = sandbox.run(verb);
        assert!(ran.code == 2 && ran.stderr.contains("it is a symbolic link"), "{ran:#?}");
    }
    assert!(!sandbox.file("run").exists());
    fs::remove_file(&lock).unwrap();
    sandbox.ok(LOCK);
}

#[test]
fn a_lock_that_becomes_a_link_while_it_is_written_stays_inside() {
    let clone = Clone::new();
    let sandbox = &clone.sandbox;
    let (place, link) = (sandbox.file("envctl.lock"), sandbox.file("spare-link"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                symlink(clone.outside.join("new"), &link).unwrap();
                fs::rename(&link, &place).unwrap();
                let _ = fs::remove_file(&place);
            }
        });
        for _ in 0..4 {
            sandbox.run(LOCK);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_dir(&clone.outside).unwrap().count(), 1);
}

#[test]
fn a_tree_that_is_copied_keeps_its_limits() {
    let clone = Clone::new();
    let sandbox = &clone.sandbox;
    fs::File::create(sandbox.file("tools/model")).unwrap().set_len(40 << 20).unwrap();
    fs::File::create(sandbox.file("tools/small")).unwrap().set_len(25 << 20).unwrap();
    let ran = clone.limited(RENDER);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(
        ran.stderr.contains("more than 64 MiB together") && ran.stderr.contains("`tools/model` with 40 MiB"),
        "{ran:#?}"
    );
    fs::remove_file(sandbox.file("tools/small")).unwrap();
    sandbox.ok(RENDER);
    fs::remove_file(sandbox.file("tools/model")).unwrap();
    fs::create_dir(sandbox.file("tools/many")).unwrap();
    for at in 0..20_001 {
        fs::write(sandbox.file("tools/many").join(at.to_string()), "").unwrap();
    }
    let ran = sandbox.run(RENDER);
    assert!(ran.code == 2 && ran.stderr.contains("more than 20000 files"), "{ran:#?}");
    fs::remove_dir_all(sandbox.file("tools/many")).unwrap();
    fs::create_dir_all(sandbox.file("tools").join("d/".repeat(70))).unwrap();
    let ran = sandbox.run(RENDER);
    assert!(ran.code == 2 && ran.stderr.contains("64 directories deep"), "{ran:#?}");
    fs::remove_dir_all(sandbox.file("tools/d")).unwrap();
    symlink("..", sandbox.file("tools/up")).unwrap();
    let ran = sandbox.run(RENDER);
    assert!(ran.code == 2 && ran.stderr.contains("a directory that contains it"), "{ran:#?}");
}

#[test]
fn files_that_include_each_other_without_an_end_are_refused() {
    let clone = Clone::new();
    let sandbox = &clone.sandbox;
    for at in 0..200 {
        fs::write(sandbox.file(&format!("{at}.txt")), format!("-r {}.txt\n", at + 1)).unwrap();
    }
    fs::write(sandbox.file("requirements.txt"), "-r 0.txt\n").unwrap();
    let ran = sandbox.run(LOCK);
    assert!(ran.code == 2 && ran.stderr.contains("more than 32 deep"), "{ran:#?}");
    let all = (0..300).map(|at| format!("-r wide{at}.txt")).collect::<Vec<_>>().join("\n");
    for at in 0..300 {
        fs::write(sandbox.file(&format!("wide{at}.txt")), "").unwrap();
    }
    fs::write(sandbox.file("requirements.txt"), all).unwrap();
    let ran = sandbox.run(LOCK);
    assert!(ran.code == 2 && ran.stderr.contains("more than 256 requirements files"), "{ran:#?}");
}

/// Checks the refusal of another user's manifest.
fn assert_foreign(ran: &Ran) {
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(ran.stderr.contains(&format!("belongs to user {STRANGER}")), "{ran:#?}");
    assert!(ran.stderr.contains("safe-directories"), "{ran:#?}");
}

fn write_config(sandbox: &Sandbox, text: &str) {
    let directory = sandbox.home().join(".config/envctl");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("config.toml"), text).unwrap();
}

#[test]
fn a_manifest_that_somebody_else_left_above_is_not_run() {
    let sandbox = Sandbox::new("");
    let below = sandbox.file("below");
    fs::create_dir(&below).unwrap();
    let from_below = |arguments: &[&str]| ran(sandbox.command(arguments).current_dir(&below).output());
    let own = |project: u32, manifest: u32| {
        chown(sandbox.project(), Some(project), None).unwrap();
        chown(sandbox.file("envctl.toml"), Some(manifest), None).unwrap();
    };
    assert_eq!(from_below(&["check"]).code, 0);
    for (project, manifest) in [(STRANGER, STRANGER), (STRANGER, 0), (0, STRANGER)] {
        own(project, manifest);
        for verb in ["check", "lock", "plan", "up", "down", "status", "config"] {
            assert_foreign(&from_below(&[verb]));
        }
    }
    // As in `/tmp`: every user can write there, but cannot replace the files of others.
    fs::set_permissions(sandbox.project(), fs::Permissions::from_mode(0o1777)).unwrap();
    assert_foreign(&from_below(&["check"]));
    assert_eq!(from_below(&["check", "--manifest", "../envctl.toml"]).code, 0);
    own(STRANGER, STRANGER);
    assert_eq!(from_below(&["check", "--manifest", "../envctl.toml"]).code, 0);
    for (listed, code) in [("/somewhere/else", 2), ("PROJECT", 0), ("PARENT/*", 0), ("PROJECT/*", 2), ("*", 0)] {
        let project = sandbox.project().canonicalize().unwrap();
        let listed = listed.replace("PROJECT", project.to_str().unwrap());
        let listed = listed.replace("PARENT", project.parent().unwrap().to_str().unwrap());
        write_config(&sandbox, &format!("[projects]\nsafe-directories = [\"{listed}\"]\n"));
        assert_eq!(from_below(&["check"]).code, code, "{listed}");
    }
    own(0, 0);
}

#[test]
fn a_project_can_not_call_itself_safe() {
    let sandbox = Sandbox::new("[projects]\nsafe-directories = [\"*\"]\n");
    let refused = sandbox.run(&["check"]);
    assert!(refused.code == 2 && refused.stderr.contains("`[projects]`"), "{refused:#?}");
    for owner in [STRANGER, 0] {
        chown(sandbox.file("envctl.toml"), Some(owner), None).unwrap();
        assert_eq!(sandbox.run(&["check"]).code, 2);
    }
    sandbox.write_manifest("");
}

#[test]
fn an_overlay_or_a_lock_of_somebody_elses_is_not_used() {
    let sandbox = Sandbox::new("");
    sandbox.ok(LOCK);
    fs::write(sandbox.file("envctl.local.toml"), "").unwrap();
    for (file, verb) in [("envctl.local.toml", &["check"][..]), ("envctl.lock", LOCK), ("envctl.lock", PLAN)] {
        chown(sandbox.file(file), Some(STRANGER), None).unwrap();
        assert_foreign(&sandbox.run(verb));
        chown(sandbox.file(file), Some(0), None).unwrap();
    }
    sandbox.ok(LOCK);
}

#[test]
fn without_root_only_ones_own_and_roots_manifests_count() {
    let sandbox = Sandbox::new("");
    let base = sandbox.project().parent().unwrap().to_path_buf();
    for directory in [&base, &sandbox.home()] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let as_user = |uid: &str| {
        let program = sandbox.command(&["check", "--no-host"]);
        let mut command = Command::new("setpriv");
        command.args(["--reuid", uid, "--regid", uid, "--clear-groups", "--"]).arg(program.get_program());
        command.args(program.get_args()).current_dir(sandbox.project()).env("HOME", sandbox.home());
        ran(command.output())
    };
    assert_eq!(as_user("54321").code, 0);
    for path in [sandbox.project(), sandbox.file("envctl.toml")] {
        chown(path, Some(STRANGER), None).unwrap();
    }
    assert_eq!(as_user("54321").code, 0);
    assert_foreign(&as_user("54322"));
    for path in [sandbox.project(), sandbox.file("envctl.toml")] {
        chown(path, Some(0), None).unwrap();
    }
}

#[test]
fn no_name_reaches_the_terminal_as_anything_but_text() {
    let sandbox = Sandbox::new("");
    let evil = "evil\u{1b}[32mgreen\u{1b}[0m\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}1m\u{202e}\nhint: run this";
    let directory = sandbox.home().join(evil);
    fs::create_dir(&directory).unwrap();
    let acts = |text: &str| {
        let own = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[91m", "\u{1b}[94m", "\u{1b}[1;36m", "\u{1b}[1;31m"];
        let without = own.iter().fold(text.to_owned(), |text, code| text.replace(code, ""));
        without.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'])
    };
    fs::write(directory.join("envctl.toml"), "[frameworks]\nnonsense = 1\n").unwrap();
    fs::write(directory.join("facts.json"), "{").unwrap();
    let nowhere = directory.join("nowhere");
    fs::create_dir(&nowhere).unwrap();
    let verbs: [&[&str]; 6] = [
        &["check"],
        &["check", "."],
        &["check", "--facts", "facts.json", "--manifest", "../../project/envctl.toml"],
        &["check", "--manifest", "missing.toml"],
        &["config", "--manifest", "missing.toml"],
        &["render", "--manifest", "../../project/envctl.toml", "--output", "facts.json"],
    ];
    for verb in verbs {
        for more in [&[][..], &["--color", "always"], &["--json"], &["--progress", "json"]] {
            let arguments: Vec<_> = verb.iter().chain(more).copied().collect();
            let ran = ran(sandbox.command(&arguments).current_dir(&directory).output());
            assert_ne!(ran.code, 0, "{arguments:?}: {ran:#?}");
            assert!(!acts(&ran.stderr) && !acts(&ran.stdout), "{arguments:?}: {ran:#?}");
            assert!(!ran.stderr.lines().any(|line| line.starts_with("hint: run this")), "{arguments:?}: {ran:#?}");
            if !more.contains(&"--json") && verb != ["check", "."] {
                assert!(ran.stderr.contains("\\u{1b}]0;owned"), "{arguments:?}: {ran:#?}");
            }
        }
    }
}
