//! Decides whether a short name can lead to an environment, or already means another machine of the user.
//!
//! The SSH client itself is asked, because only it evaluates `Include`, `Match` and patterns. A name that only DNS
//! knows counts as free: a lookup can take seconds, and its result can change from day to day.

use std::path::{Path, PathBuf};

use super::configuration::{self, SYSTEM_CONFIG, find_unused_name};
use super::directory::{Directory, account_home};
use super::fragment::Fragment;
use super::openssh::OpenSsh;
use crate::event::NameHolder;
use crate::system::{PrivateFile, System, async_command, output};

/// The machine's list of host names.
const HOSTS: &str = "/etc/hosts";

/// Returns the holder of the name other than this environment; `None` if the name is free.
pub async fn find_name_holder(system: &System, name: &str, id: &str) -> Option<NameHolder> {
    let ssh = Directory::of(system);
    let config = ssh.config();
    if is_this_machine(name, &rustix::system::uname().nodename().to_string_lossy()) {
        return Some(NameHolder::ThisMachine);
    }
    if configuration::names_host(system, name) {
        return Some(NameHolder::Configuration);
    }
    if Fragment::parse(&ssh.fragment()).has_name(name, id) {
        return Some(NameHolder::Environment);
    }
    if is_in_hosts(&std::fs::read_to_string(HOSTS).unwrap_or_default(), name) {
        return Some(NameHolder::Machine(PathBuf::from(HOSTS)));
    }
    let asked = match OpenSsh::of(system) {
        Some(client) => ClientAnswer::of(&client, &without_ours(&config), name).await,
        None => None,
    };
    if asked.as_ref().is_some_and(|asked| asked.is_special) {
        return Some(NameHolder::Configuration);
    }
    let lists = asked.map(|asked| known_hosts_files(&asked.settings, name, &system.home())).unwrap_or_default();
    in_known_hosts(system, name, lists).await.map(NameHolder::Machine)
}

/// Returns the configuration without the line that includes envctl's own file.
fn without_ours(config: &str) -> String {
    let is_ours = |line: &&str| {
        let line = line.trim().trim_end_matches('"');
        !(line.starts_with("Include ") && line.ends_with(super::fragment::FRAGMENT))
    };
    config.split_inclusive('\n').filter(is_ours).collect()
}

/// The client's answer about a name.
struct ClientAnswer {
    settings: Vec<String>,
    /// Whether the client treats the name differently from an unused one.
    is_special: bool,
}

impl ClientAnswer {
    async fn of(client: &OpenSsh, config: &str, name: &str) -> Option<Self> {
        let more =
            if client.finds_config() { format!("\nMatch all\nInclude {SYSTEM_CONFIG}\n") } else { String::new() };
        let file = PrivateFile::new(format!("{config}{more}").as_bytes()).ok()?;
        let client = client.with_config(file.path());
        let other = find_unused_name(name);
        let (ours, theirs) = tokio::join!(client.settings(name), client.settings(&other));
        let settings = ours?;
        let is_special = differ(&settings, &theirs?, name, &other);
        Some(Self { settings, is_special })
    }
}

/// Returns the lists of known hosts in a client's settings.
fn known_hosts_files(settings: &[String], name: &str, home: &Path) -> Vec<PathBuf> {
    let lists = settings.iter().filter_map(|line| line.split_once(' '));
    let lists = lists.filter(|(keyword, _)| ["userknownhostsfile", "globalknownhostsfile"].contains(keyword));
    // The client prints a path with a blank as it is, so the whole value may also be one path.
    let paths = lists.flat_map(|(_, value)| value.split(' ').chain(value.contains(' ').then_some(value)));
    let expanded = paths.map(|path| {
        let path = path.replace("%d", &home.to_string_lossy()).replace("%h", name).replace("%n", name);
        path.strip_prefix("~/").map_or_else(|| PathBuf::from(&path), |rest| home.join(rest))
    });
    expanded.collect()
}

/// Whether two hosts' settings differ in more than the hosts' names.
fn differ(one: &[String], other: &[String], name: &str, other_name: &str) -> bool {
    let renamed = |line: &str| {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        format!("{keyword} {}", value.replace(name, other_name))
    };
    let same = |(line, other): (&String, &String)| line == other || renamed(line) == *other;
    one.len() != other.len() || !one.iter().zip(other).all(same)
}

/// Names that every machine has for itself and its network, even if its list of host names lacks them.
const OWN_NAMES: [&str; 9] = [
    "localhost",
    "localhost4",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
];

fn is_this_machine(name: &str, hostname: &str) -> bool {
    let short = hostname.split('.').next().unwrap_or_default();
    OWN_NAMES.iter().chain(&[hostname, short]).any(|own| own.eq_ignore_ascii_case(name))
}

fn is_in_hosts(hosts: &str, name: &str) -> bool {
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(|line| line.split_whitespace().skip(1)).any(|host| host.eq_ignore_ascii_case(name))
}

/// Returns the first list of known hosts that contains the name, hashed or not.
async fn in_known_hosts(system: &System, name: &str, named: Vec<PathBuf>) -> Option<PathBuf> {
    let keygen = system.find_program("ssh-keygen")?;
    let account = account_home(system.uid).unwrap_or_else(|| system.home());
    let own =
        [system.home(), account].map(|home| ["known_hosts", "known_hosts2"].map(|list| home.join(".ssh").join(list)));
    let all_peoples = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"].map(PathBuf::from);
    let files = own.into_iter().flatten().chain(all_peoples).chain(named);
    for file in files.filter(|file| file.is_file()) {
        if is_known_host(&keygen, &file, name).await {
            return Some(file);
        }
    }
    None
}

async fn is_known_host(keygen: &Path, file: &Path, name: &str) -> bool {
    let mut search = async_command(keygen);
    search.args(["-F", name, "-f"]).arg(file);
    output(search).await.is_ok_and(|found| found.status.success() && !found.stdout.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effective_settings(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn names_alone_are_no_difference() {
        let other = find_unused_name("lab");
        let of = |name: &str, user: &str| effective_settings(&format!("host {name}\nuser {user}\nhostname {name}\n"));
        assert!(!differ(&of("lab", "ada"), &of(&other, "ada"), "lab", &other));
        assert!(differ(&of("lab", "eve"), &of(&other, "ada"), "lab", &other));
        assert!(!differ(&of("a", "ada"), &of(&find_unused_name("a"), "ada"), "a", &find_unused_name("a")));
    }

    #[test]
    fn lists_of_known_hosts_that_a_client_names() {
        let settings =
            effective_settings("port 22\nuserknownhostsfile ~/.ssh/mine /srv/my list\nglobalknownhostsfile /x/%h\n");
        let files = known_hosts_files(&settings, "lab", Path::new("/home/ada"));
        let expected = ["/home/ada/.ssh/mine", "/srv/my", "list", "~/.ssh/mine /srv/my list", "/x/lab"];
        let expected =
            expected.map(|path| path.strip_prefix("~/").map_or(path.to_owned(), |rest| format!("/home/ada/{rest}")));
        assert_eq!(files, expected.map(PathBuf::from));
    }

    #[test]
    fn our_own_line_is_left_out() {
        let config = "Include envctl_config\nInclude \"/srv/my ada/.ssh/envctl_config\"\nInclude other\nHost x\n";
        assert_eq!(without_ours(config), "Include other\nHost x\n");
    }

    #[test]
    fn names_of_this_machine() {
        for name in ["localhost", "ip6-localhost", "ip6-allnodes", "GPU1"] {
            assert!(is_this_machine(name, "gpu1.example"), "{name}");
        }
        assert!(!is_this_machine("lab", "gpu1.example") && !is_this_machine("example", "gpu1.example"));
    }

    #[test]
    fn the_table_of_hosts() {
        let hosts = "127.0.0.1 localhost\n192.0.2.7\tgpu1.example GPU1 # lab\n";
        assert!(is_in_hosts(hosts, "gpu1") && !is_in_hosts(hosts, "lab") && !is_in_hosts(hosts, "192.0.2.7"));
    }
}
