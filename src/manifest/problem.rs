//! The problems that a manifest can have: one value per problem, with its message.
//!
//! Problems are collected, never returned at the first one, because a user wants to see all of them.

use super::schema::{self, Answer};
use super::types::ValueError;

/// A problem of a manifest and its values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// The text is not valid TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// The parser's message.
        message: String,
    },
    /// The text has more items than envctl reads.
    #[error("there are {found} {of}, and {most} are allowed")]
    TooMuch {
        /// The kind of item, in the plural.
        of: &'static str,
        /// The number found.
        found: usize,
        /// The number allowed.
        most: usize,
    },
    /// One key or table appears twice.
    #[error("`{key}` appears twice")]
    DuplicateKey { key: String },
    /// A table that does not exist.
    #[error("there is no table `[{table}]`")]
    UnknownTable {
        table: String,
        /// The most similar table.
        near: Option<&'static str>,
    },
    /// A key that its table does not have.
    #[error("{} has no key `{key}`", bracketed(table))]
    UnknownKey {
        key: String,
        /// The key's table; empty for the top level.
        table: &'static str,
        /// The advice for this key.
        answer: Answer,
    },
    /// A framework that the matrix does not know.
    #[error("there is no framework `{name}`")]
    UnknownFramework {
        /// The name in the manifest.
        name: String,
        /// The id with the most similar spelling.
        near: Option<String>,
        /// The known ids.
        known: Vec<String>,
    },
    /// Another name of a framework.
    #[error("`{name}` is called `{id}` here")]
    OtherFramework {
        /// The name in the manifest.
        name: String,
        id: String,
    },
    /// A framework outside `[frameworks]`.
    #[error("the framework `{id}` is at the top level")]
    FrameworkAtTop { id: String },
    /// A value of a wrong type.
    #[error("`{key}` is {found}, and has to be {allowed}")]
    WrongType {
        /// The key with its table, such as `run.mounts`.
        key: String,
        /// The type found: `an integer`.
        found: &'static str,
        /// The type allowed: `a list of strings`.
        allowed: &'static str,
        /// The correct form of the value, where envctl can compute it.
        right: Option<String>,
    },
    /// A text that is not a valid value.
    #[error("{0}")]
    BadValue(ValueError),
    /// A table without a key that it needs.
    #[error("{of} needs `{key}`")]
    MissingKey {
        key: &'static str,
        /// The table or item that needs the key.
        of: &'static str,
    },
    /// Two keys that exclude each other.
    #[error("`{one}` and `{other}` exclude each other")]
    Clash {
        /// The first key.
        one: &'static str,
        /// The second key.
        other: &'static str,
    },
    /// The manifest asks for no framework and no CUDA.
    #[error("the manifest asks for no framework and no CUDA")]
    NothingAsked,
    /// The team needs another version of envctl.
    #[error("the manifest needs envctl {wanted}, and this is {have}")]
    OtherTool {
        /// The version that the team needs.
        wanted: String,
        /// The version of this program.
        have: &'static str,
    },
    /// A key that only the project's own manifest can have.
    #[error("`{key}` belongs in a project's own manifest")]
    OnlyInProject { key: &'static str },
    /// A table that only the configuration of a machine or a user can have.
    #[error("`[{table}]` belongs in the configuration of a machine or a person")]
    OnlyInConfig { table: &'static str },
    /// A list that must not be empty.
    #[error("`{key}` is an empty list")]
    EmptyList {
        key: &'static str,
        /// The setting to use in place of the list.
        instead: &'static str,
    },
    /// A host port that is published twice.
    #[error("the host's port {port} is published twice")]
    PortTwice { port: u16 },
    /// A published port that is the SSH server's port.
    #[error("the host's port {port} is published and is also the SSH server's port")]
    PortIsSsh { port: u16 },
    /// Two mounts at one path.
    #[error("two things are mounted at `{target}`")]
    TargetTwice { target: String },
    /// A mount over a path that an environment needs.
    #[error("nothing can be mounted at `{target}`: envctl keeps its own files there")]
    TargetReserved { target: String },
    /// Published ports without a network of the container's own.
    #[error("`ports` can't be published with `network = \"{mode}\"`")]
    PortsWithoutNetwork {
        /// `none` or `host`.
        mode: String,
    },
    /// A host name for a container on the host's network.
    #[error("`hostname` can't be set with `network = \"host\"`: the container has the host's name")]
    HostnameOnHostNetwork,
    /// An SSH server in a container without a network.
    #[error("SSH can't be reached with `network = \"none\"`")]
    SshWithoutNetwork,
    /// A size for shared memory that does not belong to the container.
    #[error("`shm-size` has no effect with `ipc = \"{mode}\"`")]
    ShmWithoutIpc {
        /// `host` or `none`.
        mode: String,
    },
    /// An optional GPU in an environment without GPUs.
    #[error("`optional` has no effect with `devices = \"none\"`")]
    OptionalWithoutGpu,
    /// A variable that envctl sets.
    #[error("envctl itself sets the variable `{name}`")]
    ReservedVariable {
        name: String,
        /// The setting that decides it.
        instead: &'static str,
    },
    /// A list of directories that the user wants to extend as in a shell.
    #[error("`${name}` in the value of `{name}` is not expanded")]
    UnexpandedVariable { name: String },
    /// One item appears twice in a list.
    #[error("`{key}` contains `{text}` twice")]
    Twice {
        text: String,
        /// The key of the list.
        key: &'static str,
    },
}

fn bracketed(table: &str) -> String {
    match table {
        "" => "the top level".to_owned(),
        "frameworks.*" => "a framework's table".to_owned(),
        "python.requirements.*" => "a file of requirements".to_owned(),
        "run.mounts.*" => "a mount".to_owned(),
        "run.ulimits.*" => "a limit".to_owned(),
        "gpu.devices" => "the table of `devices`".to_owned(),
        table => format!("`[{table}]`"),
    }
}

impl ProblemKind {
    /// A short label beside the caret.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::BadValue(_) | Self::NothingAsked => "",
            Self::DuplicateKey { .. } | Self::PortTwice { .. } | Self::TargetTwice { .. } | Self::Twice { .. } => {
                "the second"
            }
            Self::TooMuch { .. } => "here",
            Self::UnknownTable { .. } => "unknown table",
            Self::UnknownKey { .. } => "unknown key",
            Self::UnknownFramework { .. } => "unknown framework",
            Self::OtherFramework { .. } => "another name",
            Self::FrameworkAtTop { .. } | Self::OnlyInProject { .. } | Self::OnlyInConfig { .. } => "not here",
            Self::WrongType { found, .. } => found,
            Self::MissingKey { .. } => "in this table",
            Self::EmptyList { .. } => "empty",
            Self::OtherTool { .. } => "asked for here",
            Self::Clash { .. }
            | Self::PortIsSsh { .. }
            | Self::PortsWithoutNetwork { .. }
            | Self::HostnameOnHostNetwork => "this one",
            Self::TargetReserved { .. } | Self::ReservedVariable { .. } => "reserved",
            Self::UnexpandedVariable { .. } => "taken literally",
            Self::SshWithoutNetwork => "no network",
            Self::ShmWithoutIpc { .. } | Self::OptionalWithoutGpu => "set here",
        }
    }

    /// The hints, one action each.
    pub(super) fn hints(&self) -> Vec<String> {
        let one = |hint: &str| vec![hint.to_owned()];
        match self {
            Self::Syntax { message } => syntax_hint(message),
            Self::TooMuch { of: "published ports", .. } => {
                one("publish the ports that are used: each number of a range counts")
            }
            Self::TooMuch { of: "mounts" | "places in memory", .. } => one("mount a directory that holds them"),
            Self::TooMuch { .. } => one("long lists of packages belong in a file that `requirements` names"),
            Self::DuplicateKey { .. } | Self::Twice { .. } => one("remove one of the two"),
            Self::UnknownTable { near, .. } => vec![near.map_or_else(
                || format!("the tables are {}", listed(schema::TABLES)),
                |near| format!("did you mean `[{near}]`?"),
            )],
            Self::UnknownKey { key, table, answer } => vec![key_hint(key, table, answer)],
            Self::UnknownFramework { near, known, .. } => framework_hints(near.as_deref(), known),
            Self::OtherFramework { id, .. } => vec![format!("write `{id}`")],
            Self::FrameworkAtTop { .. } => one("put it under a line `[frameworks]`"),
            Self::WrongType { right, .. } => right.iter().map(|right| format!("write {right}")).collect(),
            Self::BadValue(error) => vec![format!("allowed: {}", error.allowed)],
            Self::MissingKey { key, .. } => vec![format!("add `{key}`")],
            Self::Clash { one, other } => vec![format!("leave out `{one}` or `{other}`")],
            Self::NothingAsked => vec![
                "name a framework: `[frameworks]`, then `pytorch = \"2.4\"`".to_owned(),
                "for CUDA alone: `[cuda]`, then `version = \"12.4\"`".to_owned(),
            ],
            Self::OtherTool { wanted, .. } => vec![format!("install envctl {wanted}")],
            Self::OnlyInProject { key } => vec![format!("move `{key}` to the project's `envctl.toml`")],
            Self::OnlyInConfig { table } => {
                vec![format!("move `[{table}]` to `/etc/envctl/config.toml` or `~/.config/envctl/config.toml`")]
            }
            Self::EmptyList { instead, .. } => one(instead),
            Self::PortTwice { .. } => one("publish one of them on another port of the host"),
            Self::PortIsSsh { .. } => one("change one of the two, or leave out `[ssh] port`: a free one is found"),
            Self::TargetTwice { .. } => one("mount one of them elsewhere"),
            Self::TargetReserved { .. } => one("mount it elsewhere, such as at `/data`"),
            Self::PortsWithoutNetwork { mode } if mode == "host" => {
                one("leave out `ports`: on the host's network every port of the container is one of the host")
            }
            Self::PortsWithoutNetwork { .. } => one("leave out `ports` or `network`"),
            Self::HostnameOnHostNetwork => one("leave out `hostname` or `network`"),
            Self::SshWithoutNetwork => one("add `enabled = false` to `[ssh]`, and use `envctl exec`"),
            Self::ShmWithoutIpc { .. } => one("leave out `shm-size` or `ipc`"),
            Self::OptionalWithoutGpu => one("leave out `optional` or `devices`"),
            Self::ReservedVariable { instead, .. } => vec![format!("use {instead}")],
            Self::UnexpandedVariable { name } => unexpanded_hints(name),
        }
    }
}

fn unexpanded_hints(name: &str) -> Vec<String> {
    let whole = match name {
        "PATH" => {
            "write the whole value; most begin with `/opt/envctl/venv/bin` and end in `/usr/local/bin:/usr/bin:/bin`"
                .to_owned()
        }
        name => format!("write the directories without `${name}`: the value replaces that of the image"),
    };
    vec![whole, format!("or use `append` in `[build]`: a line `ENV {name}=/DIRECTORY:${name}` is expanded")]
}

/// A hint for a frequent mistake, because the parser only reports where it stopped.
fn syntax_hint(message: &str) -> Vec<String> {
    let hint = match message {
        _ if message.contains("quoted") => "text needs quotes: `key = \"value\"`",
        _ if message.contains("array") => "lists are written `[\"one\", \"two\"]`",
        _ if message.contains("table") => "tables begin with a line `[name]`",
        _ => "a line is `key = value`, a `[table]` or a `# comment`",
    };
    vec![hint.to_owned()]
}

fn key_hint(key: &str, table: &str, answer: &Answer) -> String {
    let normal = key.to_lowercase().replace('_', "-");
    let place = |of: &str| if of.is_empty() { "at the top level".to_owned() } else { format!("in `[{of}]`") };
    match answer {
        Answer::OtherName { table: of, key } if *of == table => format!("write `{key}`"),
        Answer::OtherName { table: of, key } => format!("write `{key}` {}", place(of)),
        Answer::Near { table: of, key } if *of == table => format!("did you mean `{key}`?"),
        Answer::Near { table: of, key } => format!("did you mean `{key}` {}?", place(of)),
        Answer::Belongs(tables) => {
            let places: Vec<String> = tables.iter().map(|table| place(table)).collect();
            format!("`{normal}` belongs {}", places.join(" or "))
        }
        Answer::Nothing => {
            format!("the keys of {} are {}", bracketed(table), listed(schema::keys_of(table).map(|key| key.name)))
        }
    }
}

fn framework_hints(near: Option<&str>, known: &[String]) -> Vec<String> {
    let mut hints: Vec<String> = near.map(|id| format!("did you mean `{id}`?")).into_iter().collect();
    if hints.is_empty() {
        hints.push(format!("the frameworks are {}", listed(known.iter().map(String::as_str))));
    }
    hints.push("any other Python package belongs in `packages` of `[python]`".to_owned());
    hints
}

fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
