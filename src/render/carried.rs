//! The variables that change a loader, a shell or an interpreter. A manifest can set them for its sessions, but never
//! for root's programs in the container. So the container's configuration holds them under other names, and each
//! session gets them back. The functions are pure.

use std::collections::BTreeMap;

/// The prefix of a carried variable's name.
const PREFIX: &str = "ENVCTL_SESSION_";

/// The variable with the names of the carried variables, separated by blanks. The entrypoint reads it to restore them.
const NAMES: &str = "ENVCTL_SESSION";

/// The prefixes of variable families.
const FAMILIES: [&str; 8] = ["LD_", "MALLOC_", "PYTHON", "PERL", "BASH_", "OPENSSL_", "GCONV_", "RESOLV_"];

/// Variables without a family.
const SINGLE: [&str; 18] = [
    "CDPATH",
    "ENV",
    "GLIBC_TUNABLES",
    "GETCONF_DIR",
    "HOSTALIASES",
    "GREP_OPTIONS",
    "IFS",
    "LANGUAGE",
    "LOCALDOMAIN",
    "LOCPATH",
    "NLSPATH",
    "POSIXLY_CORRECT",
    "PS4",
    "RES_OPTIONS",
    "TEXTDOMAIN",
    "TEXTDOMAINDIR",
    "TMPDIR",
    "TZDIR",
];

/// Variables with the internal state of a shell. They would change the first shell, and no session can get them.
const DROPPED: [&str; 2] = ["SHELLOPTS", "BASHOPTS"];

/// Whether a variable is carried. A loader or a shell reads only names that a shell can set.
fn is_carried(name: &str) -> bool {
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && (SINGLE.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family)))
}

/// The lines of a container's configuration, for an image with the lines `image`. A name without a value removes the
/// image's variable from the container.
#[must_use]
pub fn configuration(image: &[String], variables: BTreeMap<String, String>) -> Vec<String> {
    let steers = |name: &str| is_carried(name) || DROPPED.contains(&name);
    let of_image = image.iter().filter_map(|line| line.split_once('=')).filter(|(name, _)| steers(name));
    let mut carried: BTreeMap<String, String> =
        of_image.clone().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut lines: Vec<String> = of_image.map(|(name, _)| name.to_owned()).collect();
    for (name, value) in variables {
        if steers(&name) {
            carried.insert(name, value);
        } else {
            lines.push(format!("{name}={value}"));
        }
    }
    carried.retain(|name, _| !DROPPED.contains(&name.as_str()));
    let names: Vec<&str> = carried.keys().map(String::as_str).collect();
    lines.push(format!("{NAMES}={}", names.join(" ")));
    lines.extend(carried.iter().map(|(name, value)| format!("{PREFIX}{name}={value}")));
    lines
}

/// The variable that a line of the configuration carries for sessions, with its original name.
#[must_use]
pub fn given_back(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix(PREFIX)?.split_once('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(image: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
        let image: Vec<_> = image.iter().map(|&line| line.to_owned()).collect();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        configuration(&image, variables.collect())
    }

    #[test]
    fn what_steers_a_loader_or_a_shell_has_another_name() {
        for name in ["LD_PRELOAD", "BASH_ENV", "GLIBC_TUNABLES", "PYTHONPATH", "PS4", "GCONV_PATH", "OPENSSL_CONF"] {
            let found = lines(&[], &[(name, "/workspace/x"), ("MODE", "fast")]);
            let carried = format!("ENVCTL_SESSION_{name}=/workspace/x");
            assert_eq!(found, ["MODE=fast".to_owned(), format!("ENVCTL_SESSION={name}"), carried.clone()]);
            assert_eq!(given_back(&carried), Some((name, "/workspace/x")));
        }
        assert_eq!(lines(&[], &[("SHELLOPTS", "xtrace")]), ["ENVCTL_SESSION="]);
    }

    #[test]
    fn what_an_image_sets_leaves_the_container_and_comes_back_in_sessions() {
        let image = ["PATH=/usr/bin", "LD_LIBRARY_PATH=/usr/local/nvidia/lib", "PYTHONPATH=/opt/old"];
        assert_eq!(
            lines(&image, &[("PYTHONPATH", "/opt/new")]),
            [
                "LD_LIBRARY_PATH",
                "PYTHONPATH",
                "ENVCTL_SESSION=LD_LIBRARY_PATH PYTHONPATH",
                "ENVCTL_SESSION_LD_LIBRARY_PATH=/usr/local/nvidia/lib",
                "ENVCTL_SESSION_PYTHONPATH=/opt/new",
            ]
        );
    }
}
