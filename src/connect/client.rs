//! The `ssh` command line that enters an environment regardless of the user's configuration.
//!
//! The first value of an option counts, so envctl's options come first.

use std::path::{Path, PathBuf};

use super::entry::{self, ConfigKeyword};
use super::{ConnectError, Endpoint};

/// Options of `ssh` with a value, as in its manual.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// A call of `ssh`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub arguments: Vec<String>,
    /// The directory of the call, if a path can only be written as a relative one.
    pub directory: Option<PathBuf>,
}

/// Builds the call. The options that lead to the environment come first, because the first value counts. The user's
/// options follow, then the options that protect the connection from the configuration, the destination and the
/// user's command.
///
/// # Errors
/// A value cannot be written as an option.
pub fn client_call(endpoint: &Endpoint, user: &[String]) -> Result<Call, ConnectError> {
    let (way, directory) = way_options(endpoint)?;
    let (options, command) = user.split_at(options_end(user));
    let mut arguments = config_options(way);
    arguments.extend(options.iter().cloned());
    arguments.extend(config_options(entry::guard_keywords(endpoint)));
    arguments.push(endpoint.id.clone());
    let command = command.strip_prefix(["--".to_owned()].as_slice()).unwrap_or(command);
    arguments.extend(command.iter().cloned());
    Ok(Call { arguments, directory })
}

fn config_options(settings: Vec<ConfigKeyword>) -> Vec<String> {
    settings.into_iter().flat_map(|(keyword, value)| ["-o".to_owned(), format!("{keyword}={value}")]).collect()
}

/// Returns the options that lead to the environment. In a home that no configuration can name, paths are relative to
/// the directory of the list of known hosts.
fn way_options(endpoint: &Endpoint) -> Result<(Vec<ConfigKeyword>, Option<PathBuf>), ConnectError> {
    let spelled = entry::way_keywords(endpoint);
    let Some(directory) = endpoint.known_hosts.parent().filter(|_| spelled.is_err()) else {
        return Ok((spelled?, None));
    };
    let near = Endpoint {
        known_hosts: relative_path(directory, &endpoint.known_hosts),
        identities: endpoint.identities.iter().map(|identity| relative_path(directory, identity)).collect(),
        ..endpoint.clone()
    };
    Ok((entry::way_keywords(&near)?, Some(directory.to_path_buf())))
}

/// Returns a path relative to a directory.
fn relative_path(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Path::new(".."));
    up.chain(to.components().skip(shared).map(|part| Path::new(part.as_os_str()))).collect()
}

/// Returns how many of the words are options and their values.
fn options_end(words: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty() && *letters != "-") else {
            break;
        };
        let value_at = letters.find(|letter| WITH_VALUE.contains(letter));
        let value_is_next = value_at.is_some_and(|value_at| value_at + 1 == letters.len());
        at += if value_is_next { 2 } else { 1 };
    }
    at.min(words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remaining_words(user: &[&str]) -> Vec<String> {
        let user: Vec<_> = user.iter().map(|word| (*word).to_owned()).collect();
        let arguments = client_call(&entry::sample(), &user).unwrap().arguments;
        let ours = config_options(
            [entry::way_keywords(&entry::sample()).unwrap(), entry::guard_keywords(&entry::sample())].concat(),
        );
        arguments.into_iter().filter(|word| word != "-o" && !ours.contains(word)).collect()
    }

    #[test]
    fn options_stand_before_the_destination_and_the_command_behind() {
        assert_eq!(remaining_words(&[]), ["lab-1a2b3c4d"]);
        assert_eq!(remaining_words(&["nvidia-smi", "-L"]), ["lab-1a2b3c4d", "nvidia-smi", "-L"]);
        assert_eq!(
            remaining_words(&["-tL", "1:h:2", "-4", "--", "ls", "-l"]),
            ["-tL", "1:h:2", "-4", "lab-1a2b3c4d", "ls", "-l"]
        );
        assert_eq!(remaining_words(&["-L1:h:2", "-N"]), ["-L1:h:2", "-N", "lab-1a2b3c4d"]);
        assert_eq!(remaining_words(&["-v", "-p"]), ["-v", "-p", "lab-1a2b3c4d"]);
    }

    #[test]
    fn the_way_comes_first_and_what_a_person_asks_for_before_the_guards() {
        let user = ["-o".to_owned(), "ForwardAgent=yes".to_owned()];
        let arguments = client_call(&entry::sample(), &user).unwrap().arguments;
        let at = |word: &str| arguments.iter().position(|found| found == word).unwrap();
        assert_eq!(at("HostName=127.0.0.1"), 1);
        assert!(at("HostKeyAlias=lab-1a2b3c4d") < at("ForwardAgent=yes"));
        assert!(at("ForwardAgent=yes") < at("ForwardAgent=no"));
    }

    #[test]
    fn a_home_that_has_no_spelling_is_seen_from_inside() {
        let home = Path::new("/home/a\"da");
        let endpoint = Endpoint {
            known_hosts: home.join("state/known_hosts"),
            identities: vec![home.join(".ssh/id_ed25519")],
            ..entry::sample()
        };
        let call = client_call(&endpoint, &[]).unwrap();
        assert_eq!(call.directory, Some(home.join("state")));
        for word in ["UserKnownHostsFile=known_hosts", "IdentityFile=../.ssh/id_ed25519"] {
            assert!(call.arguments.iter().any(|found| found == word), "{word}: {call:?}");
        }
    }
}
