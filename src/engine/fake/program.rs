//! The behaviour of a command in the fake engine.
//!
//! A test chooses a behaviour by the command's name.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::engine::{ExecOutput, ExecSpec};

/// A test's function from a command and its input to its output.
pub type Act = dyn Fn(&ExecSpec, &[u8]) -> ExecOutput;

/// A command's behaviour.
#[derive(Clone)]
pub enum Program {
    /// Ends at once with this exit code.
    Ends(i64),
    /// Runs for ever as a container's command; succeeds at once as an exec.
    Runs,
    /// Prints its arguments.
    Echo,
    /// Prints the named files, or its input.
    Cat,
    /// Calls the test's function with the command and its input.
    Does(Rc<Act>),
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ends(_) => "Ends",
            Self::Runs => "Runs",
            Self::Echo => "Echo",
            Self::Cat => "Cat",
            Self::Does(_) => "Does",
        })
    }
}

/// Returns the programs of every image, and envctl's own entrypoint.
pub(super) fn usual() -> BTreeMap<String, Program> {
    let usual = [
        ("true", Program::Ends(0)),
        ("false", Program::Ends(1)),
        ("sleep", Program::Runs),
        ("/opt/envctl/entrypoint", Program::Runs),
        ("echo", Program::Echo),
        ("cat", Program::Cat),
    ];
    usual.map(|(name, program)| (name.to_owned(), program)).into()
}

impl Program {
    pub(super) fn run(&self, exec: &ExecSpec, stdin: &[u8], read: &dyn Fn(&str) -> Option<Vec<u8>>) -> ExecOutput {
        let arguments = exec.command.get(1..).unwrap_or_default();
        let said = |code, stdout| ExecOutput { code, stdout, stderr: Vec::new() };
        match self {
            Self::Ends(code) => said(*code, Vec::new()),
            Self::Runs => said(0, Vec::new()),
            Self::Echo => said(0, format!("{}\n", arguments.join(" ")).into_bytes()),
            Self::Cat if arguments.is_empty() => said(0, stdin.to_vec()),
            Self::Cat => {
                let mut output = said(0, Vec::new());
                for path in arguments {
                    if let Some(bytes) = read(path) {
                        output.stdout.extend(bytes);
                    } else {
                        output.code = 1;
                        output.stderr.extend(format!("cat: {path}: No such file or directory\n").into_bytes());
                    }
                }
                output
            }
            Self::Does(act) => act(exec, stdin),
        }
    }
}
