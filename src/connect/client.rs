//! The command line of `ssh` that leads into an environment, whatever the user's configuration says. Pure.

use super::{ConnectError, Endpoint, entry};

/// Options of `ssh` that take a value, as in its manual.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// Our options first, because the first one counts; then the user's, the destination, and the user's command.
pub fn arguments(endpoint: &Endpoint, user: &[String]) -> Result<Vec<String>, ConnectError> {
    let mut arguments = Vec::new();
    for (key, value) in entry::options(endpoint)? {
        arguments.push("-o".to_owned());
        arguments.push(format!("{key}={value}"));
    }
    let (options, command) = user.split_at(options_end(user));
    arguments.extend(options.iter().cloned());
    arguments.push(endpoint.id.clone());
    let command = command.strip_prefix(["--".to_owned()].as_slice()).unwrap_or(command);
    arguments.extend(command.iter().cloned());
    Ok(arguments)
}

/// How many of the words are options and their values.
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

    fn tail(user: &[&str]) -> Vec<String> {
        let user: Vec<_> = user.iter().map(|word| (*word).to_owned()).collect();
        let arguments = arguments(&entry::sample(), &user).unwrap();
        arguments[arguments.iter().rposition(|word| word == "StrictHostKeyChecking=yes").unwrap() + 1..].to_vec()
    }

    #[test]
    fn options_stand_before_the_destination_and_the_command_behind() {
        assert_eq!(tail(&[]), ["lab-1a2b3c4d"]);
        assert_eq!(tail(&["nvidia-smi", "-L"]), ["lab-1a2b3c4d", "nvidia-smi", "-L"]);
        assert_eq!(tail(&["-tL", "1:h:2", "-4", "--", "ls", "-l"]), ["-tL", "1:h:2", "-4", "lab-1a2b3c4d", "ls", "-l"]);
        assert_eq!(tail(&["-L1:h:2", "-N"]), ["-L1:h:2", "-N", "lab-1a2b3c4d"]);
        assert_eq!(tail(&["-v", "-p"]), ["-v", "-p", "lab-1a2b3c4d"]);
    }

    #[test]
    fn the_way_is_spelled_out() {
        let arguments = arguments(&entry::sample(), &[]).unwrap().join(" ");
        assert!(arguments.starts_with("-o HostName=127.0.0.1 -o Port=2222 -o User=ada -o HostKeyAlias=lab-1a2b3c4d"));
    }
}
