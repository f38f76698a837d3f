//! A user with a home, a key and a project, who runs the real program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The manifest that the tests vary: the smallest framework, on the base that needs no registry. All share its name, so
/// that they share its image; what keeps them apart is their directories.
pub const MANIFEST: &str = "\
name = \"e2e\"

[frameworks]
onnxruntime = \">=1.18\"

[system]
base = \"debian:12\"
packages = [\"rsync\"]

[gpu]
devices = \"none\"
";

/// See the module. Dropping it takes down what its commands brought up.
pub struct Sandbox {
    directory: tempfile::TempDir,
    /// Further variables of its commands.
    pub variables: Vec<(&'static str, String)>,
    /// What its commands are run through (`nsenter --net=…`).
    pub through: Vec<String>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    /// A home with an SSH key, and a project with [`MANIFEST`] and `more` behind it.
    pub fn new(more: &str) -> Self {
        let sandbox = Self::without_key(more);
        let key = sandbox.home().join(".ssh/id_ed25519");
        fs::create_dir(sandbox.home().join(".ssh")).unwrap();
        fs::set_permissions(sandbox.home().join(".ssh"), fs::Permissions::from_mode(0o700)).unwrap();
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
        assert!(made.unwrap().success(), "ssh-keygen failed");
        sandbox
    }

    /// The same for a person who has no key at all.
    pub fn without_key(more: &str) -> Self {
        let directory = tempfile::Builder::new().prefix("envctl-e2e-").tempdir().unwrap();
        let sandbox = Self { directory, variables: Vec::new(), through: Vec::new() };
        fs::create_dir(sandbox.home()).unwrap();
        fs::create_dir(sandbox.project()).unwrap();
        sandbox.write_manifest(more);
        sandbox
    }

    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    pub fn project(&self) -> PathBuf {
        self.directory.path().join("project")
    }

    /// A file of the project.
    pub fn file(&self, name: &str) -> PathBuf {
        self.project().join(name)
    }

    pub fn write_manifest(&self, more: &str) {
        fs::write(self.file("envctl.toml"), format!("{MANIFEST}{more}")).unwrap();
    }

    /// The program, not run yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_envctl"));
        command.args(arguments).current_dir(self.project()).stdin(Stdio::null());
        self.environment(&mut command);
        command
    }

    /// The program, run.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments).output())
    }

    /// The program, run and successful.
    pub fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "envctl {arguments:?}: {ran:#?}");
        ran
    }

    /// The document of a verb with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<_> = arguments.iter().copied().chain(["--json"]).collect();
        let ran = self.run(&arguments);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
    }

    /// `up`, from the distribution's own packages.
    pub fn up(&self, more: &[&str]) -> Value {
        let arguments: Vec<_> = ["up", "--bootstrap", "--yes"].into_iter().chain(more.iter().copied()).collect();
        self.json(&arguments)
    }

    /// `up`, successful.
    pub fn is_up(&self) -> Value {
        let up = self.up(&[]);
        assert_eq!(up["ok"], true, "{up:#}");
        up
    }

    /// OpenSSH's own programs with this person's configuration: they take the home of the user database, not `HOME`.
    pub fn openssh(&self, program: &str, arguments: &[&str]) -> Ran {
        let mut command = self.program(program);
        command.arg("-F").arg(self.home().join(".ssh/config")).args(["-o", "BatchMode=yes"]).args(arguments);
        command.current_dir(self.project()).stdin(Stdio::null());
        self.environment(&mut command);
        ran(command.output())
    }

    /// `ssh NAME WORDS`, with the output alone.
    pub fn ssh(&self, words: &[&str]) -> String {
        let arguments: Vec<_> = ["e2e"].into_iter().chain(words.iter().copied()).collect();
        let ran = self.openssh("ssh", &arguments);
        assert_eq!(ran.code, 0, "ssh {arguments:?}: {ran:#?}");
        ran.stdout.trim_end().to_owned()
    }

    fn program(&self, program: &str) -> Command {
        let mut words = self.through.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        command
    }

    fn environment(&self, command: &mut Command) {
        command.env("HOME", self.home()).env_remove("SSH_AUTH_SOCK");
        for variable in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(variable);
        }
        // Tools and base images are made once for all tests; they are the same for everybody.
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("XDG_DATA_HOME", shared.join("data")).env("XDG_CACHE_HOME", shared.join("cache"));
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Named, because a test may have given the project to somebody else.
        let manifest = self.file("envctl.toml");
        let ran = self.run(&["down", "--volumes", "--force", "--yes", "--manifest", manifest.to_str().unwrap()]);
        assert!(ran.code == 0 || std::thread::panicking(), "down: {ran:#?}");
    }
}

pub fn ran(output: std::io::Result<Output>) -> Ran {
    let output = output.expect("the program is there");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
