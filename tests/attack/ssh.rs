//! The SSH access: the server's offers, the effects of a user's own configuration, the user's data that the server can
//! reach, and the host names that it can take.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox, ran};

/// Lines for all hosts that lead elsewhere, offer nothing, run a program or forward the agent. `{dir}` is a directory
/// of the test.
const HOSTILE: [&str; 43] = [
    "HostName 192.0.2.1",
    "User evil",
    "Port 2200",
    "HostKeyAlias other",
    "ProxyCommand touch {dir}/ran",
    "ProxyJump nobody@192.0.2.1",
    "IdentitiesOnly yes",
    "IdentityFile /nonexistent",
    "CertificateFile /nonexistent",
    "ForwardAgent yes",
    "ForwardX11 yes",
    "ControlMaster auto\n  ControlPath {dir}/%C\n  ControlPersist 1",
    "RemoteCommand touch /tmp/ran",
    "RequestTTY force",
    "LocalCommand touch {dir}/ran\n  PermitLocalCommand yes",
    "StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null",
    "StrictHostKeyChecking ask",
    "UserKnownHostsFile /nonexistent",
    "GlobalKnownHostsFile /nonexistent",
    "RevokedHostKeys /nonexistent",
    "NoHostAuthenticationForLocalhost yes",
    "CheckHostIP yes",
    "VerifyHostKeyDNS yes",
    "UpdateHostKeys yes",
    "HashKnownHosts yes",
    "BindAddress 192.0.2.1",
    "BindInterface nonesuch0",
    "AddressFamily inet6",
    "CanonicalizeHostname yes\n  CanonicalDomains example.invalid\n  CanonicalizeFallbackLocal no",
    "HostKeyAlgorithms ssh-rsa",
    "KexAlgorithms diffie-hellman-group14-sha1",
    "Ciphers aes128-cbc",
    "MACs hmac-sha1",
    "PubkeyAcceptedAlgorithms ssh-rsa",
    "PubkeyAuthentication no",
    "PreferredAuthentications password",
    "Tunnel yes",
    "SendEnv *",
    "GSSAPIAuthentication yes",
    "SessionType none",
    "StdinNull yes",
    "ForkAfterAuthentication yes",
    "IgnoreUnknown Nonesuch\n  Nonesuch yes",
];

#[test]
fn ssh_name_works_whatever_is_set_for_all_hosts() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    let config = sandbox.home().join(".ssh/config");
    let include = fs::read_to_string(&config).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let agent = Agent::new(dir.path(), 1);
    let mut wrong = String::new();
    let expected = format!("none {}\n", user(&sandbox));
    for (lines, head) in HOSTILE.iter().zip(["Host *", "Match all"].into_iter().cycle()) {
        let lines = lines.replace("{dir}", &dir.path().display().to_string());
        fs::write(&config, format!("{include}{head}\n  {lines}\n")).unwrap();
        let entered = entered(&sandbox, Some(&agent), &["echo ${SSH_AUTH_SOCK:-none} $(id -un)"]);
        if entered.code != 0 || entered.stdout.replace('\r', "") != expected || dir.path().join("ran").exists() {
            writeln!(wrong, "{head}\n  {lines}\n{entered:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    // Input reaches the command, and the client stays until the command ends.
    fs::write(&config, format!("{include}Host *\n  StdinNull yes\n  ForkAfterAuthentication yes\n")).unwrap();
    let settings = ran(Command::new("ssh").arg("-F").arg(&config).args(["-G", "e2e"]).output()).stdout;
    for line in ["stdinnull no", "forkafterauthentication no", "sessiontype default"] {
        assert!(settings.lines().any(|found| found == line), "{line}: {settings}");
    }

    // The same lines before envctl's line: envctl's line goes to the start of an existing file.
    fs::write(&config, format!("User evil\nPort 2200\n{include}")).unwrap();
    assert_eq!(sandbox.is_up()["changed"], false);
    assert_eq!(sandbox.ssh(&["id -un"]), user(&sandbox));

    // `envctl ssh` reads the same configuration, and no line in it has an effect. Options on the command line do.
    fs::write(&config, format!("{include}Host *\n  User evil\n  RemoteCommand false\n  ForwardAgent yes\n")).unwrap();
    assert_eq!(sandbox.ok(&["ssh", "--", "id", "-un"]).stdout.trim(), user(&sandbox));
    let mut asked = sandbox.command(&["ssh", "-A", "--", "echo ${SSH_AUTH_SOCK:-none}"]);
    assert_ne!(ran(asked.env("SSH_AUTH_SOCK", &agent.socket).output()).stdout, "none\n");
}

#[test]
fn an_agent_with_eight_keys_gets_in_and_is_not_forwarded() {
    // Only the ninth key, a file, is authorised. Each of the agent's keys first costs a try.
    let sandbox = Sandbox::new("[ssh]\nauthorized-keys = [\"team.pub\"]\n");
    fs::copy(sandbox.home().join(".ssh/id_ed25519.pub"), sandbox.file("team.pub")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let agent = Agent::new(dir.path(), 8);
    let up = with_agent(&sandbox, &agent, &["up", "--bootstrap", "--yes"]);
    assert_eq!(up.code, 0, "{up:#?}");
    assert!(!up.stderr.contains("does not work"), "{up:#?}");
    let inside = entered(&sandbox, Some(&agent), &["echo ${SSH_AUTH_SOCK:-none}"]);
    assert_eq!(inside.stdout, "none\n", "{inside:#?}");

    // The same where only the agent has the key, with any settings for all hosts.
    let key = dir.path().join("key8");
    fs::copy(key.with_extension("pub"), sandbox.file("team.pub")).unwrap();
    let up = with_agent(&sandbox, &agent, &["up", "--bootstrap", "--yes"]);
    assert_eq!(up.code, 0, "{up:#?}");
    let config = sandbox.home().join(".ssh/config");
    let include = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{include}Host *\n  IdentitiesOnly yes\n  IdentityFile /nonexistent\n")).unwrap();
    let inside = entered(&sandbox, Some(&agent), &["echo in"]);
    assert_eq!(inside.stdout, "in\n", "{inside:#?}");
}

#[test]
fn the_server_offers_only_todays_algorithms() {
    let sandbox = Sandbox::new("");
    let port = sandbox.is_up()["endpoint"]["port"].as_u64().unwrap();
    let audit = ran(Command::new(ssh_audit())
        .args(["--json", "--skip-rate-test", "-p"])
        .arg(port.to_string())
        .arg("127.0.0.1")
        .output());
    let report: Value = serde_json::from_str(&audit.stdout).unwrap_or_else(|error| panic!("{error}: {audit:#?}"));
    assert_eq!(report["banner"]["protocol"], "2.0", "{report:#}");
    for kind in ["kex", "key", "enc", "mac"] {
        let algorithms = report[kind].as_array().unwrap();
        assert!(!algorithms.is_empty(), "{kind}: {report:#}");
        for algorithm in algorithms {
            assert!(algorithm["notes"].get("fail").is_none(), "{kind}: {algorithm:#}");
        }
    }
    silent_connections_keep_nobody_out(&sandbox, port);
    // A key is the only way in, and forwarding leads nowhere: a configuration check of the running server shows it.
    let container = container(&sandbox);
    let test = ["exec", &container, "/usr/sbin/sshd", "-T", "-f", "/etc/envctl-ssh/sshd_config"];
    let effective = ran(Command::new("docker").args(test).output()).stdout;
    for line in [
        "authenticationmethods publickey",
        "passwordauthentication no",
        "permitemptypasswords no",
        "hostbasedauthentication no",
        "authorizedkeyscommand none",
        "trustedusercakeys none",
        "permituserenvironment no",
        "gatewayports no",
        "permittunnel no",
        "x11forwarding no",
        "allowtcpforwarding yes",
        "maxauthtries 64",
    ] {
        assert!(effective.lines().any(|found| found == line), "{line}: {effective}");
    }
}

/// The server sees the engine's address for every client, so any user of this host could block the owner.
fn silent_connections_keep_nobody_out(sandbox: &Sandbox, port: u64) {
    let port = u16::try_from(port).unwrap();
    let held: Vec<_> = (0..60).map(|_| std::net::TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    for _ in 0..5 {
        assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
    }
    drop(held);
}

#[test]
fn what_was_removed_or_spoilt_by_hand_comes_back() {
    let sandbox = Sandbox::new("");
    let up = sandbox.is_up();
    let known_hosts = PathBuf::from(up["endpoint"]["known_hosts"].as_str().unwrap());
    let ssh = sandbox.home().join(".ssh");
    let (config, fragment) = (ssh.join("config"), ssh.join("envctl_config"));
    let good = fs::read_to_string(&fragment).unwrap();
    let include = fs::read_to_string(&config).unwrap();

    let comes_back = |what: &str| {
        let up = sandbox.is_up();
        assert_eq!((&up["changed"], &up["steps"]), (&false.into(), &Value::Array(vec![])), "{what}: {up:#}");
        assert_eq!(sandbox.ssh(&["echo", "in"]), "in", "{what}");
        assert_eq!(fs::read_to_string(&fragment).unwrap(), good, "{what}");
    };
    fs::remove_file(&known_hosts).unwrap();
    comes_back("no list of known hosts");
    fs::write(&known_hosts, "junk\n").unwrap();
    comes_back("another list of known hosts");
    fs::remove_file(&fragment).unwrap();
    comes_back("no file of ours");
    for junk in ["Bogus {\n", "\0\0\0", "Host *\n  Port abc\n", "<<<<<<< HEAD\n"] {
        fs::write(&fragment, format!("{good}{junk}")).unwrap();
        comes_back(junk);
        let kept = fs::read_to_string(ssh.join("envctl_config.broken")).unwrap();
        assert!(kept.ends_with(junk), "{kept}");
    }
    fs::write(&fragment, good.replace("  Port ", "  Port x")).unwrap();
    comes_back("a block changed by hand");
    fs::write(&fragment, &good[..good.len() / 2]).unwrap();
    comes_back("half of our file");
    fs::set_permissions(&fragment, fs::Permissions::from_mode(0o666)).unwrap();
    comes_back("a mode that clients refuse");
    for own in ["", "# mine\r\nHost other\r\n  User me\r\n", "Host other\n  User me"] {
        fs::write(&config, own).unwrap();
        comes_back(own);
        assert_eq!(fs::read_to_string(&config).unwrap(), format!("{include}{own}"));
    }

    // An `up` without work runs no client, because a client would run the commands in the configuration.
    let ran = sandbox.home().join("ran");
    fs::write(&config, format!("{include}Match exec \"touch {}\"\n", ran.display())).unwrap();
    assert_eq!(sandbox.is_up()["changed"], false);
    assert!(!ran.exists());
}

#[test]
fn a_broken_block_of_another_environment_comes_back_with_this_one() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    let fragment = sandbox.home().join(".ssh/envctl_config");
    let first = fs::read_to_string(&fragment).unwrap();
    let second = sandbox.home().join("second");
    fs::create_dir(&second).unwrap();
    for file in ["envctl.toml", "envctl.lock"] {
        fs::copy(sandbox.file(file), second.join(file)).unwrap();
    }
    let in_second = |arguments: &[&str]| ran(sandbox.command(arguments).current_dir(&second).output());
    let up = in_second(&["up", "--bootstrap", "--yes"]);
    assert_eq!(up.code, 0, "{up:#?}");
    assert!(up.stderr.contains("another environment has it"), "{up:#?}");
    let both = fs::read_to_string(&fragment).unwrap();
    fs::write(&fragment, both.replace("  Port ", "  Port x")).unwrap();
    let up = in_second(&["up", "--bootstrap", "--yes"]);
    assert_eq!((up.code, fs::read_to_string(&fragment).unwrap()), (0, both), "{up:#?}");
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
    let down = in_second(&["down", "--volumes", "--force", "--yes"]);
    assert_eq!((down.code, fs::read_to_string(&fragment).unwrap()), (0, first), "{down:#?}");
}

#[test]
fn a_name_that_is_somebody_elses_is_not_taken() {
    let sandbox = Sandbox::new("");
    let id = sandbox.is_up()["id"].as_str().unwrap().to_owned();
    let ssh = sandbox.home().join(".ssh");
    let (config, known_hosts) = (ssh.join("config"), ssh.join("known_hosts"));
    let include = fs::read_to_string(&config).unwrap();
    let other = ssh.join("other");
    let key = fs::read_to_string(ssh.join("id_ed25519.pub")).unwrap();
    let key = key.split(' ').take(2).collect::<Vec<_>>().join(" ");

    let cases = [
        ("by name", "Host e2e\n  HostName lab.example\n".to_owned(), String::new(), false),
        ("by include", format!("Include {}\n", other.display()), String::new(), false),
        ("by a match", "Match originalhost e2e\n  ProxyJump bastion\n".to_owned(), String::new(), false),
        (
            "by a match that does not hold now",
            "Match originalhost e2e exec false\n  User x\n".to_owned(),
            String::new(),
            false,
        ),
        (
            "by a match in an included file that does not hold now",
            "Include hosts.d/*\n".to_owned(),
            String::new(),
            false,
        ),
        (
            "in another list of known hosts",
            format!("Host *\n  UserKnownHostsFile {} {}\n", known_hosts.display(), ssh.join("mine").display()),
            String::new(),
            false,
        ),
        ("by a match of the host", "Match host e2e\n  User other\n".to_owned(), String::new(), false),
        ("by a pattern", "Host e2*\n  ProxyJump bastion\n".to_owned(), String::new(), false),
        ("as a known host", String::new(), format!("e2e {key}\n"), false),
        ("as a hashed known host", String::new(), format!("e2e {key}\n"), true),
    ];
    fs::write(&other, "Host x e2e\n  HostName lab.example\n").unwrap();
    fs::create_dir(ssh.join("hosts.d")).unwrap();
    fs::write(ssh.join("hosts.d/lab"), "Match originalhost e2e exec false\n  User x\n").unwrap();
    fs::write(ssh.join("mine"), format!("e2e {key}\n")).unwrap();
    for (how, more, known, hash) in cases {
        fs::write(&config, format!("{include}{more}")).unwrap();
        fs::write(&known_hosts, &known).unwrap();
        if hash {
            let hashed = Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&known_hosts).output();
            assert_eq!(ran(hashed).code, 0);
            assert!(!fs::read_to_string(&known_hosts).unwrap().contains("e2e"));
        }
        look_again(&sandbox, how);
        let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
        assert_eq!(up.code, 0, "{how}: {up:#?}");
        assert!(!up.stderr.contains("does not work"), "{how}: {up:#?}");
        let fragment = fs::read_to_string(ssh.join("envctl_config")).unwrap();
        assert!(fragment.contains(&format!("Host {id}\n")), "{how}: {fragment}");
        assert_eq!(sandbox.openssh("ssh", &[&id, "echo", "in"]).stdout, "in\n", "{how}");
    }

    // A free name is used again. Settings for all hosts reserve no name. The owner of a name is reported once.
    let with = |more: &str, known: &str| {
        fs::write(&config, format!("{include}{more}")).unwrap();
        fs::write(&known_hosts, known).unwrap();
        look_again(&sandbox, &format!("{more}{known}"));
        sandbox.run(&["up", "--bootstrap", "--yes"]).stderr
    };
    with("Host *\n  ServerAliveInterval 30\n", "");
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
    let known = format!("e2e {key}\n");
    let told = format!("this environment is `ssh {id}`");
    assert!(with("", &known).contains(&told));
    assert!(!with("# once more\n", &known).contains(&told));
    with("", "");

    // `up` without changes also sees a host that is added later.
    fs::write(&config, format!("{include}Host e2e\n  HostName lab.example\n")).unwrap();
    assert_eq!(sandbox.is_up()["endpoint"]["alias"], Value::Null);
    with("# free\n", "");
    assert_eq!(sandbox.is_up()["endpoint"]["alias"], "e2e");
    fs::write(&config, format!("{include}Match originalhost e2e\n  HostName lab.example\n")).unwrap();
    assert_eq!(sandbox.is_up()["endpoint"]["alias"], Value::Null);
}

#[test]
fn up_proves_the_very_name_that_it_prints() {
    let sandbox = Sandbox::new("");
    let up = sandbox.is_up();
    let command = up["endpoint"]["command"].as_str().unwrap();
    let typed = ran(Command::new("sh").args(["-c", &format!("{command} echo in")]).stdin(Stdio::null()).output());
    assert_eq!(typed.stdout, "in\n", "{command}: {typed:#?}");
    let card = sandbox.ok(&["status", "--connect"]).stdout;
    assert!(card.contains(&format!("  {command}\n")), "{card}");

    // The client cannot read this configuration: the message has the client's words, and `envctl ssh` is printed.
    let config = sandbox.home().join(".ssh/config");
    let include = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{include}BatchMode maybe\n")).unwrap();
    let up = sandbox.run(&["up", "--recreate", "--bootstrap", "--yes"]);
    assert_eq!(up.code, 0, "{up:#?}");
    assert!(up.stderr.contains("unsupported option \"maybe\""), "{up:#?}");
    assert!(up.stdout.contains("\n  envctl ssh\n"), "{up:#?}");
    let again = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(again.stderr.contains("unsupported option \"maybe\""), "{again:#?}");
    let entered = |how: &str| sandbox.ok(&["status"]).stdout.contains(&format!("\n  enter    {how}\n"));
    assert!(entered("envctl ssh"));
    fs::write(&config, &include).unwrap();
    assert_eq!(sandbox.is_up()["endpoint"]["command"], command);

    // `status` prints the command that works now, regardless of the last `up`.
    assert!(entered(command));
    for spoilt in [format!("{include}BatchMode maybe\n"), String::new(), format!("Host e2e\n  Port 1\n{include}")] {
        fs::write(&config, &spoilt).unwrap();
        assert!(entered("envctl ssh"), "{spoilt}");
        assert_eq!(sandbox.json(&["status"])["environment"]["endpoint"]["command"], "envctl ssh", "{spoilt}");
    }
    fs::write(&config, &include).unwrap();
    assert!(entered(command));

    // A key with a passphrase is not an error. A user without an authorised key gets a message.
    let key = sandbox.home().join(".ssh/id_ed25519");
    let locked = Command::new("ssh-keygen").args(["-q", "-p", "-P", "", "-N", "secret", "-f"]).arg(&key).output();
    assert_eq!(ran(locked).code, 0);
    let up = sandbox.run(&["up", "--recreate", "--bootstrap", "--yes"]);
    assert!(up.code == 0 && up.stderr.contains("will ask for the passphrase"), "{up:#?}");
    let stranger = Agent::new(&sandbox.home(), 1);
    fs::copy(sandbox.home().join("key1.pub"), sandbox.file("team.pub")).unwrap();
    drop(stranger);
    sandbox.write_manifest("[ssh]\nauthorized-keys = [\"team.pub\"]\n");
    let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(up.code == 0 && up.stderr.contains("none of your keys on this host is authorized"), "{up:#?}");
}

#[test]
fn homes_with_odd_characters() {
    // Homes that `ssh NAME` can be set up for, and homes that only `envctl ssh` can use.
    let homes = [
        ("tab\tper%cent dollar$x hash#tag apo'strophe tilde~{a,b} \u{e4}\u{2603}", true),
        ("back\\slash", true),
        ("[glob]*?", true),
        ("quo\"te", false),
        ("${HOME}", false),
        ("[per%cent]", false),
    ];
    let sandbox = Sandbox::new("");
    for (name, is_speakable) in homes {
        let home = sandbox.home().join(name);
        fs::create_dir_all(home.join(".ssh")).unwrap();
        fs::set_permissions(home.join(".ssh"), fs::Permissions::from_mode(0o700)).unwrap();
        for file in ["id_ed25519", "id_ed25519.pub"] {
            fs::copy(sandbox.home().join(".ssh").join(file), home.join(".ssh").join(file)).unwrap();
        }
        let at_home = |arguments: &[&str]| ran(sandbox.command(arguments).env("HOME", &home).output());
        let up = at_home(&["up", "--bootstrap", "--yes", "--json"]);
        let document: Value = serde_json::from_str(&up.stdout).unwrap_or_else(|error| panic!("{error}: {up:#?}"));
        assert_eq!(document["ok"], true, "{name:?}: {up:#?}");
        let inside = at_home(&["ssh", "echo", "in"]);
        assert_eq!(inside.stdout, "in\n", "{name:?}: {inside:#?}");
        let mut ssh = Command::new("ssh");
        ssh.env("HOME", &home).env_remove("SSH_AUTH_SOCK").stdin(Stdio::null());
        ssh.arg("-F").arg(home.join(".ssh/config")).args(["-o", "BatchMode=yes", "e2e", "echo", "in"]);
        let entered = ran(ssh.output());
        assert_eq!(entered.stdout == "in\n", is_speakable, "{name:?}: {entered:#?} {up:#?}");
        let printed = document["endpoint"]["command"].as_str().unwrap();
        assert_eq!(printed == "envctl ssh", !is_speakable, "{name:?}: {printed}");
        let down = at_home(&["down", "--volumes", "--force", "--yes"]);
        assert_eq!(down.code, 0, "{name:?}: {down:#?}");
    }
}

/// An agent with its own keys. It ends when it is dropped.
struct Agent {
    socket: PathBuf,
    process: Child,
}

impl Agent {
    /// Keys `key1` to `keyN` in a directory.
    fn new(directory: &Path, keys: usize) -> Self {
        let socket = directory.join("agent");
        let mut agent = Command::new("ssh-agent");
        let process = agent.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        while !socket.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        for number in 1..=keys {
            let key = directory.join(format!("key{number}"));
            let mut keygen = Command::new("ssh-keygen");
            assert_eq!(ran(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output()).code, 0);
            let mut add = Command::new("ssh-add");
            assert_eq!(ran(add.arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket).output()).code, 0);
        }
        Self { socket, process }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Changes a file that `up` reads, without a change of its meaning, so that the next `up` examines everything.
fn look_again(sandbox: &Sandbox, why: &str) {
    let why = why.replace('\n', " ");
    fs::write(sandbox.home().join(".ssh/authorized_keys"), format!("# {why}\n")).unwrap();
}

/// Runs `ssh e2e` as a user with this agent types it.
fn entered(sandbox: &Sandbox, agent: Option<&Agent>, words: &[&str]) -> Ran {
    let mut ssh = Command::new("ssh");
    ssh.arg("-F").arg(sandbox.home().join(".ssh/config")).args(["-o", "BatchMode=yes", "e2e"]).args(words);
    ssh.env("HOME", sandbox.home()).env_remove("SSH_AUTH_SOCK").stdin(Stdio::null());
    if let Some(agent) = agent {
        ssh.env("SSH_AUTH_SOCK", &agent.socket);
    }
    ran(ssh.output())
}

fn with_agent(sandbox: &Sandbox, agent: &Agent, arguments: &[&str]) -> Ran {
    ran(sandbox.command(arguments).env("SSH_AUTH_SOCK", &agent.socket).output())
}

/// The program from `scripts/test`, or from `PATH`.
fn ssh_audit() -> PathBuf {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ssh-audit/bin/ssh-audit");
    if ours.exists() { ours } else { "ssh-audit".into() }
}

/// The user name inside.
fn user(sandbox: &Sandbox) -> String {
    endpoint(sandbox)["user"].as_str().unwrap().to_owned()
}

fn endpoint(sandbox: &Sandbox) -> Value {
    sandbox.json(&["status"])["environment"]["endpoint"].take()
}

fn container(sandbox: &Sandbox) -> String {
    format!("envctl-{}", endpoint(sandbox)["id"].as_str().unwrap())
}

#[test]
fn what_a_login_prints_without_end_does_not_fill_the_memory() {
    let script = "printf 'cat /dev/zero\\n' >~/.bashrc; exec sleep 100000";
    let mut sandbox = Sandbox::new(&format!("[run]\ncommand = [\"sh\", \"-c\", \"{script}\"]\n"));
    sandbox.through = ["prlimit", "--as=2147483648"].map(str::to_owned).to_vec();
    let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(up.stderr.contains("does not work (it prints more than"), "{up:#?}");
}

#[test]
fn a_login_shell_that_ends_before_it_runs_a_command_is_named() {
    let script = "echo exit 3 >~/.bashrc; exec sleep 100000";
    let sandbox = Sandbox::new(&format!("[run]\ncommand = [\"sh\", \"-c\", \"{script}\"]\n"));
    let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(up.code == 0 && up.stderr.contains("its login shell ends with code 3"), "{up:#?}");
}
