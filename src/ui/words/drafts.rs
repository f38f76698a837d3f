//! Says why a draft leaves something out.

use crate::draft::LeftReason;
use crate::foreign::WhyNotRead;
use crate::text::shown;
use crate::ui::plain::plain;

/// Describes why something is left out.
pub(in crate::ui) fn left_reason(why: &LeftReason) -> String {
    match why {
        LeftReason::NotRead(why) => not_read(*why).to_owned(),
        // What it quotes is escaped already, so a second escape would show other text.
        LeftReason::Refused(problem) => plain(problem),
        LeftReason::NeedsGrant(kind) => {
            format!("it needs consent to `{}`; write it yourself if you want it", kind.name())
        }
        LeftReason::HasPassword => {
            "its address has a name or a password, and a manifest is no place for one".to_owned()
        }
        LeftReason::TooMany => "the draft has too many values".to_owned(),
        LeftReason::NoFile => "the file is not there".to_owned(),
        LeftReason::Decided { value, by } => format!("{by} says {}", shown(value)),
        LeftReason::Instead { file } => format!("`{}` describes the same environment", shown(file)),
        LeftReason::Optional { add } => format!("not needed to run the project; to add it: `{}`", shown(add)),
        LeftReason::Unreadable(why) => format!("it can't be read: {}", shown(why)),
        LeftReason::Part => "it describes a part of the repository; `--requirements` takes it".to_owned(),
        LeftReason::Unknown => "envctl has no row for it, and does not guess".to_owned(),
        LeftReason::EndOfLife(day) => format!("it has had no updates since {day}; a newer base is chosen"),
        LeftReason::Conflicts => "with it, no release of the frameworks fits".to_owned(),
    }
}

fn not_read(why: WhyNotRead) -> &'static str {
    match why {
        WhyNotRead::NoKey => "`envctl.toml` has no key for it",
        WhyNotRead::UnknownOption => "the option is not known",
        WhyNotRead::NoValue => "its value is missing",
        WhyNotRead::NoEqualSign => "it has no `=`",
        WhyNotRead::CallersVariable => "it takes the value of a variable of the caller",
        WhyNotRead::ShellVariable => "it has a variable of a shell, and variables are not expanded",
        WhyNotRead::GpuForm => "this form of `--gpus` is not supported",
        WhyNotRead::Command => "start it inside, with `envctl exec` or over SSH",
        WhyNotRead::BuildStep => "if it is needed, it belongs in `[build] run`",
        WhyNotRead::HereDocument => "a here-document is not read",
        WhyNotRead::UnknownInstruction => "the instruction is not known",
        WhyNotRead::CogServer => "it is a setting of Cog's own server",
        WhyNotRead::OfTheNetwork => "indexes are set in `[network]`",
        WhyNotRead::PackageIndex => "the index for one package is set in `[network]`",
        WhyNotRead::Computed => "it is computed, and the file is not run",
        WhyNotRead::ComputedByBackend => "its build backend computes it",
        WhyNotRead::InOtherFile => "it is in another file",
        WhyNotRead::UnreadableVersion => "its version can't be read",
        WhyNotRead::UnreadablePythons => "its range of Pythons can't be read",
        WhyNotRead::FileAddress => "a file at an address is not read; put it into the project",
        WhyNotRead::TooLong => "it is too long",
        WhyNotRead::NoShellLine => "it is not a line of a shell",
        WhyNotRead::LocalPath => "a path can't be locked; mount the project, or install it in `[build] run`",
        WhyNotRead::ProjectDirectory => "it is a directory of the project: a path can't be locked",
        WhyNotRead::UnknownSource => "this kind of source is not supported",
        WhyNotRead::NoPackageName => "it needs the package's name: `name @ address`",
        WhyNotRead::UnknownCondaPackage => "envctl has no row for this package of conda",
        WhyNotRead::SystemPython => "the environment has a Python of its own",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::DraftPlace;
    use crate::grants::GrantKind;

    #[test]
    fn every_reason_has_words() {
        use WhyNotRead as Why;
        let not_read = [
            Why::NoKey,
            Why::UnknownOption,
            Why::NoValue,
            Why::NoEqualSign,
            Why::CallersVariable,
            Why::ShellVariable,
            Why::GpuForm,
            Why::Command,
            Why::BuildStep,
            Why::HereDocument,
            Why::UnknownInstruction,
            Why::CogServer,
            Why::OfTheNetwork,
            Why::PackageIndex,
            Why::Computed,
            Why::ComputedByBackend,
            Why::InOtherFile,
            Why::UnreadableVersion,
            Why::UnreadablePythons,
            Why::LocalPath,
            Why::ProjectDirectory,
            Why::UnknownSource,
            Why::NoPackageName,
            Why::UnknownCondaPackage,
            Why::SystemPython,
            Why::FileAddress,
            Why::TooLong,
            Why::NoShellLine,
        ];
        let others = [
            LeftReason::Refused("`../x` is not a path".to_owned()),
            LeftReason::NeedsGrant(GrantKind::HostNetwork),
            LeftReason::HasPassword,
            LeftReason::TooMany,
            LeftReason::NoFile,
            LeftReason::Decided { value: "\"12.1\"".to_owned(), by: DraftPlace::line("Dockerfile", 1) },
            LeftReason::Instead { file: "requirements.txt".to_owned() },
            LeftReason::Optional { add: "packages = [\"pytest\"]".to_owned() },
            LeftReason::Unreadable("it is a link".to_owned()),
            LeftReason::Part,
            LeftReason::Unknown,
            LeftReason::EndOfLife("2023-05-31".to_owned()),
            LeftReason::Conflicts,
        ];
        let words = not_read.map(LeftReason::NotRead).iter().chain(&others).map(left_reason).collect::<Vec<_>>();
        insta::assert_snapshot!(words.join("\n"));
    }
}
