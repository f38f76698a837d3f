//! The results of commands in one sentence each.

use std::path::Path;

use crate::draft::DraftFit;

/// Nothing is missing on the machine.
pub const NOTHING_TO_SET_UP: &str = "nothing to do: the container engine runs, and its tools are there\n";

/// The updated rows are kept on this machine.
pub const ROWS_KEPT: &str = "every command here uses these rows from now on\n";

/// `matrix fetch` has nothing to fetch.
pub const NO_OVERLAY_SOURCE: &str =
    "`[matrix] overlays` of `/etc/envctl/config.toml` and of your own configuration name no URL\n";

/// The head of the processes that a plan would end.
pub const WOULD_END: &str = "\nThis would end, so `up` asks first or needs `--force`:\n";

/// Says that `init` wrote the manifest.
#[must_use]
pub fn manifest_written(name: &str) -> String {
    format!("{name} is written\n")
}

/// Says whether `add` or `remove` changed the manifest.
#[must_use]
pub fn manifest_changed(name: &str, is_changed: bool) -> String {
    if is_changed { format!("{name} is changed\n") } else { format!("{name} stays as it is\n") }
}

/// Says which command comes after `init`.
#[must_use]
pub fn after_draft(fit: &DraftFit) -> &'static str {
    match fit {
        DraftFit::Fits => "`envctl check` says whether this machine runs it, `envctl up` builds and starts it",
        DraftFit::Refused(_) => "`envctl check` explains what does not fit",
    }
}

/// Says how many things are wrong with the rows of a revision.
#[must_use]
pub fn rows_checked(revision: &str, wrong: usize) -> String {
    let count = match wrong {
        0 => "nothing is".to_owned(),
        1 => "1 thing is".to_owned(),
        more => format!("{more} things are"),
    };
    format!("{count} wrong with the rows of {revision}\n")
}

/// Says what to do with the example of `quickstart`.
#[must_use]
pub fn brought_up_example(path: &Path) -> String {
    let path = path.display();
    format!(
        "\nGo on: cd {path}, change envctl.toml, `envctl up` again; `envctl down --volumes --image` removes it all.\n"
    )
}
