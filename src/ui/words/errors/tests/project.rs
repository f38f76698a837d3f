//! The errors of a project's files.

use super::{each_variant, shown};
use crate::files::FileError;
use crate::manifest::{Layer, LayerKind, ManifestError, safe_directories};
use crate::project::ProjectError;

/// Returns the error of a configuration with a wrong value.
pub(super) fn config_error() -> ManifestError {
    let text = "[projects]\nsafe-directories = 1\n".to_owned();
    safe_directories(vec![Layer { path: "config.toml".into(), text, kind: LayerKind::User }]).unwrap_err()
}

#[test]
fn errors_of_a_projects_files() {
    let errors = each_variant![ProjectError;
        NoManifest { from: "/home/ada/lab".into() },
        StandardInput { path: "-".into() },
        File (FileError::missing("envctl.toml".as_ref())),
        ForeignOwner {
            path: "/srv/lab/envctl.toml".into(),
            owner: Some("bob".into()),
            uid: 1001,
            root: "/srv/lab".into(),
            config: "/home/ada/.config/envctl/config.toml".into(),
        },
        ForeignOwner {
            path: "/srv/lab/more.txt".into(),
            owner: None,
            uid: 1002,
            root: "/srv/lab".into(),
            config: "/home/ada/.config/envctl/config.toml".into(),
        },
        Config (config_error()),
        Unwritable { path: "envctl.lock".into(), reason: "Read-only file system (os error 30)".into() },
        IdentityTaken { id: "lab-1a2b".into(), other: "/srv/lab".into() },
        StateTooNew { path: "state.json".into(), version: 9, known: 3 },
        StateDamaged { path: "state.json".into(), reason: "expected value at line 1 column 1".into() },
    ];
    insta::assert_snapshot!(shown(&errors));
}
