//! Mounts, and root's programs in a container, against every file that the container's code can replace.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox, ran};

/// The user ID of a user, independent of the user who runs the tests.
const ADA: u32 = 1234;

fn docker(arguments: &[&str]) -> String {
    let ran = ran(Command::new("docker").args(arguments).output());
    assert_eq!(ran.code, 0, "docker {arguments:?}: {ran:#?}");
    format!("{}{}", ran.stdout, ran.stderr).trim_end().to_owned()
}

/// An environment on the engine, observed without envctl.
struct Seen<'a> {
    sandbox: &'a Sandbox,
    container: String,
}

impl<'a> Seen<'a> {
    fn up(sandbox: &'a Sandbox, more: &[&str]) -> Self {
        let up = sandbox.up(more);
        assert_eq!(up["ok"], true, "{up:#}");
        Self { sandbox, container: format!("envctl-{}", up["id"].as_str().unwrap()) }
    }

    /// Runs a script as root inside, with the engine's own commands.
    fn root(&self, script: &str) -> String {
        docker(&["exec", "--user", "0:0", "--env", "PATH=/usr/sbin:/usr/bin", &self.container, "sh", "-c", script])
    }

    fn inspect(&self, format: &str) -> String {
        docker(&["inspect", "--format", format, &self.container])
    }

    /// Checks that no file system of the host is mounted by its root, and only the project's directory by its parts.
    fn shows_nothing_of_the_host(&self) {
        let project = self.sandbox.project();
        let project = project.canonicalize().unwrap().display().to_string();
        for line in self.root("cat /proc/self/mountinfo").lines() {
            let fields: Vec<_> = line.split(' ').collect();
            let kind = fields[fields.iter().position(|field| *field == "-").unwrap() + 1];
            let is_the_engines = ["overlay", "proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"]
                .contains(&kind)
                || fields[4].ends_with("/docker-init")
                || fields[3].contains("/containers/")
                || fields[3].contains("/volumes/");
            assert!(
                is_the_engines || fields[3] == project || project.ends_with(fields[3]) && fields[3] != "/",
                "{line}"
            );
        }
        let secret = self.sandbox.home().join("secret");
        fs::write(&secret, "the host's").unwrap();
        let secret = secret.display();
        let found = self
            .root(&format!("for at in /data /out /srv/conf.json; do cat $at{secret} $at/../{secret} 2>&1; done; true"));
        assert!(!found.contains("the host's"), "{found}");
        self.root("touch /out/etc/envctl-planted /data/etc/envctl-planted 2>/dev/null; true");
        assert!(!Path::new("/etc/envctl-planted").exists());
    }

    fn wait_for(&self, what: &str, format: &str, expected: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(2);
        while !expected(&self.inspect(format)) {
            assert!(Instant::now() < deadline, "{what}: {}", docker(&["logs", &self.container]));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Waits for the test's signal, replaces everything by links, and ends. The engine then starts it again.
const EXCHANGE: &str = "\
while [ ! -e /workspace/go ]; do sleep 0.05; done
rm -rf /workspace/go /workspace/data /workspace/out /workspace/conf.json
ln -s / /workspace/data
ln -s / /workspace/out
ln -s /etc/shadow /workspace/conf.json
";

fn put_back(sandbox: &Sandbox) {
    for name in ["data", "out", "conf.json"] {
        let _ = fs::remove_file(sandbox.file(name));
    }
    fs::create_dir_all(sandbox.file("data")).unwrap();
    fs::create_dir_all(sandbox.file("out")).unwrap();
    fs::write(sandbox.file("data/here"), "a row").unwrap();
    fs::write(sandbox.file("conf.json"), "{}").unwrap();
}

const MOUNTS: &str = "\
[run]
user = \"root\"
restart = \"always\"
mounts = [\"./data:/data:ro\", \"./out:/out\", \"./conf.json:/srv/conf.json:ro\"]
";

#[test]
fn what_the_containers_root_exchanges_for_links_shows_nothing_of_the_host_at_any_start() {
    let sandbox = Sandbox::without_key(&format!("{MOUNTS}command = [\"sh\", \"/workspace/exchange.sh\"]\n"));
    put_back(&sandbox);
    fs::write(sandbox.file("exchange.sh"), EXCHANGE).unwrap();
    let seen = Seen::up(&sandbox, &[]);
    assert_eq!(seen.root("cat /data/here /srv/conf.json; echo out > /out/file; cat /workspace/out/file"), "a row{}out");
    for write in ["touch /data/x", "echo x > /data/here", "echo x > /srv/conf.json", "rm /data/here"] {
        let refused = seen.root(&format!("({write}) 2>&1 || true"));
        assert!(refused.contains("Read-only file system"), "{write}: {refused}");
    }
    seen.shows_nothing_of_the_host();

    fs::write(sandbox.file("go"), "").unwrap();
    seen.wait_for("the engine's own restart", "{{.RestartCount}} {{.State.Running}}", |state| {
        state != "0 true" && state.ends_with("true")
    });
    assert!(sandbox.file("data").is_symlink() && sandbox.file("out").is_symlink());
    seen.shows_nothing_of_the_host();
    docker(&["restart", "--time", "1", &seen.container]);
    seen.shows_nothing_of_the_host();
    sandbox.ok(&["restart", "--force"]);
    seen.shows_nothing_of_the_host();
    sandbox.ok(&["stop", "--force"]);
    sandbox.ok(&["start"]);
    seen.shows_nothing_of_the_host();
}

/// Replaces a directory by a link to `/` and back, until it is dropped.
struct Exchanging {
    done: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Exchanging {
    fn start(sandbox: &Sandbox) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let (data, aside, until) = (sandbox.file("data"), sandbox.file("aside"), Arc::clone(&done));
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                fs::rename(&data, &aside).unwrap();
                symlink("/", &data).unwrap();
                std::thread::sleep(Duration::from_millis(1));
                fs::remove_file(&data).unwrap();
                fs::rename(&aside, &data).unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self { done, thread: Some(thread) }
    }
}

impl Drop for Exchanging {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A `git pull` on the host, or another environment of the same directory, can make such links.
#[test]
fn links_that_come_while_a_container_starts_show_nothing_of_the_host() {
    let sandbox = Sandbox::without_key(MOUNTS);
    put_back(&sandbox);
    let seen = Seen::up(&sandbox, &[]);
    let exchanging = Exchanging::start(&sandbox);
    for _ in 0..4 {
        sandbox.ok(&["restart", "--force"]);
        seen.shows_nothing_of_the_host();
    }
    drop(exchanging);
    assert_eq!(seen.root("cat /data/here"), "a row");

    // A link that leads outside is a source outside the project, so the user must agree to it.
    sandbox.ok(&["stop", "--force"]);
    fs::remove_dir_all(sandbox.file("data")).unwrap();
    symlink("/", sandbox.file("data")).unwrap();
    sandbox.ok(&["start"]);
    seen.shows_nothing_of_the_host();
    let refused = sandbox.up(&["--recreate", "--force"]);
    assert_eq!(refused["error"]["kind"], "not-granted", "{refused:#}");
}

#[test]
fn what_was_agreed_to_outside_the_project_is_not_exchanged_for_something_else() {
    let sandbox = Sandbox::without_key("[run]\nmounts = [\"../sets:/sets:ro\"]\n");
    let sets = sandbox.project().with_file_name("sets");
    fs::create_dir(&sets).unwrap();
    let seen = Seen::up(&sandbox, &["--allow", "mounts"]);
    fs::remove_dir(&sets).unwrap();
    symlink("/", &sets).unwrap();
    // envctl stops nothing that could not start again.
    assert_eq!(sandbox.json(&["restart", "--force"])["error"]["kind"], "mount-moved");
    assert_eq!(seen.inspect("{{.State.Running}}"), "true");
    sandbox.ok(&["stop", "--force"]);
    assert_eq!(sandbox.json(&["start"])["error"]["kind"], "mount-moved");
    assert_eq!(sandbox.up(&[])["error"]["kind"], "not-granted");
    assert_eq!(seen.inspect("{{.State.Running}}"), "false");
}

#[test]
fn a_mount_that_can_not_be_held_is_refused() {
    let sandbox = Sandbox::without_key("");
    fs::create_dir(sandbox.file("data")).unwrap();
    let kind = |run: &str| {
        sandbox.write_manifest(&format!("[run]\nuser = \"ada\"\n{run}"));
        sandbox.json(&["plan", "--bootstrap"])["error"]["kind"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(kind("project = false\nrestart = \"always\"\nmounts = [\"./data:/data\"]\n"), "mount-unheld");
    for target in [
        "/usr/bin",
        "/usr",
        "/etc/passwd",
        "/etc/pam.d",
        "/etc/ld.so.preload",
        "/lib",
        "/usr/local/bin",
        "/var",
        "/var/lib/dpkg",
        "/root/.ssh",
        "/run",
        "/run/nscd",
        "/run/nslcd",
        "/var/lib/sss",
        "/var/lib/extrausers",
        "/run/anything",
        "/var/run/sshd",
    ] {
        assert_eq!(kind(&format!("mounts = [\"./data:{target}:ro\"]\n")), "mount-misplaced", "{target}");
        assert_eq!(kind(&format!("mounts = [\"volume:{target}\"]\n")), "mount-misplaced", "{target}");
        assert_eq!(kind(&format!("tmpfs = [\"{target}\"]\n")), "mount-misplaced", "{target}");
        assert_eq!(kind(&format!("project = \"{target}\"\n")), "mount-misplaced", "{target}");
    }
    let inner = sandbox.file("inner");
    fs::create_dir(&inner).unwrap();
    fs::copy(sandbox.file("envctl.toml"), inner.join("envctl.toml")).unwrap();
    let text = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    fs::write(inner.join("envctl.toml"), text.replace("project = \"/var/run/sshd\"", "restart = \"always\"")).unwrap();
    let planned = sandbox.json(&["plan", "--bootstrap", "--manifest", "inner/envctl.toml"]);
    assert_eq!(planned["error"]["kind"], "mount-unheld", "{planned:#}");
}

#[test]
fn a_working_directory_that_is_missing_is_the_users() {
    let sandbox = Sandbox::new("");
    fs::create_dir(sandbox.file("own")).unwrap();
    chown(sandbox.file("own"), Some(1000), Some(1000)).unwrap();
    symlink("/etc", sandbox.file("out")).unwrap();
    let with = |workdir: &str| {
        sandbox.write_manifest(&format!("[run]\nuser = \"ada\"\nworkdir = \"{workdir}\"\n"));
        let seen = Seen::up(&sandbox, &[]);
        seen.root(&format!("stat -c %U {workdir} 2>&1 || true"))
    };
    for (workdir, owner) in [("/workspace/own/deep/er", "ada"), ("/home/ada/work", "ada"), ("/opt/work/deep", "root")] {
        assert_eq!(with(workdir), owner, "{workdir}");
        assert_eq!(sandbox.ok(&["exec", "-T", "--", "pwd"]).stdout.trim_end(), workdir);
    }
    assert_eq!(fs::metadata(sandbox.file("own/deep")).unwrap().uid(), 1000);
    for workdir in ["/workspace/roots/made", "/workspace/out/made"] {
        let refused = with(workdir);
        assert!(refused.contains("No such file"), "{workdir}: {refused}");
    }
}

/// A directory of root on the host, which its caller agreed to mount, beside a project.
fn roots_directory(sandbox: &mut Sandbox) -> PathBuf {
    for (name, value) in [("SUDO_UID", ADA.to_string()), ("SUDO_GID", ADA.to_string()), ("SUDO_USER", "ada".to_owned())]
    {
        sandbox.variables.push((name, value));
    }
    chown(sandbox.project(), Some(ADA), Some(ADA)).unwrap();
    let roots = sandbox.project().with_file_name("roots");
    fs::create_dir(&roots).unwrap();
    fs::write(roots.join("important"), "of the host").unwrap();
    roots
}

/// Every file in a directory with its owner.
fn owners(directory: &Path) -> Vec<(String, u32)> {
    let own = fs::symlink_metadata(directory).unwrap().uid();
    let mut found = vec![(".".to_owned(), own)];
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        found.push((entry.file_name().into_string().unwrap(), entry.metadata().unwrap().uid()));
    }
    found
}

#[test]
fn root_changes_nothing_in_what_is_mounted_from_the_host() {
    let volume = format!("attack-{}-inner", std::process::id());
    let mut sandbox = Sandbox::new("");
    let roots = roots_directory(&mut sandbox);
    fs::write(sandbox.file("evil"), "evil").unwrap();
    let project = sandbox.project().canonicalize().unwrap().display().to_string();
    let before = owners(&roots);
    let wishes = [
        "persist-home = false\nmounts = [\"../roots:/home/ada\"]\n".to_owned(),
        format!("mounts = [\"../roots:/data\", \"{volume}:/data/important\"]\n"),
        format!("mounts = [\"../roots:/data\", \"{volume}:/data/sub/new\"]\n"),
        format!("project = \"{project}\"\nmounts = [\"../roots:/etcish\", \"./evil:/etcish/ld.so.preload\"]\n"),
        "workdir = \"/data/work\"\nmounts = [\"../roots:/data\"]\n".to_owned(),
    ];
    for wish in wishes {
        sandbox.write_manifest(&format!("[run]\n{wish}"));
        sandbox.up(&["--allow", "mounts", "--force"]);
        assert_eq!(owners(&roots), before, "{wish}");
        assert_eq!(fs::read_to_string(roots.join("important")).unwrap(), "of the host", "{wish}");
    }
    drop(sandbox);
    let _ = Command::new("docker").args(["volume", "rm", &volume]).output();
}

#[test]
fn nothing_is_mounted_above_the_home_where_root_goes_by_its_name() {
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    fs::create_dir(sandbox.file("x")).unwrap();
    std::os::unix::fs::symlink("/etc/profile.d", sandbox.file("ada")).unwrap();
    let wishes = [
        "project = \"/home\"",
        "mounts = [\"./x:/home\"]",
        "mounts = [\"./x:/home\"]\npersist-home = false\nrestart = \"always\"",
        "mounts = [\"attack-never-made:/home\"]",
        "tmpfs = [\"/home\"]",
    ];
    for wish in wishes {
        sandbox.write_manifest(&format!("[run]\n{wish}\n"));
        let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
        assert_eq!(up.code, 2, "{wish}: {up:#?}");
        assert!(up.stderr.contains("can be mounted at `/home`"), "{wish}: {up:#?}");
    }
}

#[test]
fn a_link_of_the_image_leads_no_mount_to_another_place() {
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    for directory in ["a", "b"] {
        fs::create_dir(sandbox.file(directory)).unwrap();
    }
    std::os::unix::fs::symlink("/usr/sbin", sandbox.file("a").join("x")).unwrap();
    fs::write(sandbox.file("b").join("sshd"), "planted").unwrap();
    let wishes = [
        "project = false\nmounts = [\"./a:/run/user/1000\", \"./b:/var/run/user/1000/x\"]",
        "project = false\nmounts = [\"./a:/usr/src/app/googletest\", \"./b:/var/tmp/../tmp/x\"]",
        "project = \"/run/user/1000\"\nmounts = [\"attack-deep:/var/run/user/1000/deep/dir\"]",
    ];
    for wish in wishes {
        sandbox.write_manifest(&format!("[run]\n{wish}\n"));
        sandbox.up(&["--force"]);
        let engine = Command::new("docker").args(["ps", "-aq", "--filter", "label=envctl.name=e2e"]).output().unwrap();
        for container in String::from_utf8(engine.stdout).unwrap().split_whitespace() {
            let mounts = docker(&["inspect", "--format", "{{range .Mounts}}{{.Destination}} {{end}}", container]);
            assert!(!mounts.contains("/run/user") && !mounts.contains("/usr/src"), "{wish}: {mounts}");
        }
        assert!(owners(&sandbox.project()).iter().all(|(name, uid)| name != "deep" || *uid == ADA), "{wish}");
    }
    sandbox.run(&["down", "--volumes", "--force", "--yes"]);
    let _ = Command::new("docker").args(["volume", "rm", "attack-deep"]).output();
}

#[test]
fn nothing_is_mounted_inside_a_read_only_mount_where_a_link_may_be() {
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    fs::create_dir(sandbox.file("d")).unwrap();
    fs::create_dir(sandbox.file("e")).unwrap();
    std::os::unix::fs::symlink("/opt/envctl", sandbox.file("d").join("sub")).unwrap();
    let wishes = [
        "project = false\nmounts = [\"./d:/a:ro\", \"./e:/a/sub\", \"./e:/e\"]",
        "mounts = [\"./d:/a:ro\", \"./e:/a/sub\"]",
        "mounts = [\"attack-one:/a:ro\", \"attack-other:/a/sub\"]",
        "mounts = [\"./d:/a:ro\"]\ntmpfs = [\"/a/sub\"]",
        "project = \"/a/sub\"\nmounts = [\"attack-one:/a:ro\"]",
    ];
    for wish in wishes {
        sandbox.write_manifest(&format!("[run]\n{wish}\n"));
        let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
        assert_eq!(up.code, 2, "{wish}: {up:#?}");
        assert!(up.stderr.contains("nothing can be mounted at `/a/sub`"), "{wish}: {up:#?}");
    }
}

#[test]
fn a_volume_that_holds_something_of_roots_stays_roots() {
    let volume = format!("attack-{}-roots", std::process::id());
    docker(&["volume", "create", &volume]);
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    sandbox.write_manifest(&format!("[run]\nmounts = [\"{volume}:/data\", \"{volume}-new:/new\"]\n"));
    let place = docker(&["volume", "inspect", "--format", "{{.Mountpoint}}", &volume]);
    fs::write(Path::new(&place).join("row"), "of somebody else").unwrap();
    let seen = Seen::up(&sandbox, &["--allow", "volumes"]);
    assert_eq!(seen.root("stat -c %U /data /new"), "root\nada");
    drop(sandbox);
    docker(&["volume", "rm", &volume, &format!("{volume}-new")]);
}

/// A file that is removed again.
struct Named(PathBuf);

impl Drop for Named {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_device_is_the_one_that_was_agreed_to_whatever_its_name_becomes() {
    let sandbox = Sandbox::without_key("");
    let name = format!("envctl-attack-{}", std::process::id());
    let (link, shared) = (Named(Path::new("/dev").join(&name)), Named(Path::new("/dev/shm").join(&name)));
    let node = ran(Command::new("mknod").arg(&shared.0).args(["c", "1", "7"]).output());
    assert_eq!(node.code, 0, "{node:#?}");
    let kind = |device: &Path| {
        sandbox.write_manifest(&format!("[run]\ndevices = [\"{}:/dev/agreed\"]\n", device.display()));
        sandbox.up(&["--allow", "devices"])["error"]["kind"].clone()
    };
    // Every user can make names in `/dev/shm`.
    assert_eq!(kind(&shared.0), "bad-manifest");
    symlink(&shared.0, &link.0).unwrap();
    assert_eq!(kind(&link.0), "device");
    fs::remove_file(&link.0).unwrap();
    assert_eq!(kind(&link.0), "device");
    symlink("/dev/full", &link.0).unwrap();
    assert_eq!(kind(&link.0), Value::Null);
    let seen = Seen::up(&sandbox, &["--allow", "devices"]);
    assert_eq!(seen.inspect("{{(index .HostConfig.Devices 0).PathOnHost}}"), "/dev/full");
}

/// A file system in memory at a path of the host. It is unmounted when it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn at(place: PathBuf) -> Self {
        fs::create_dir_all(&place).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(&place).output();
        assert_eq!(ran(mounted).code, 0);
        Self(place)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// Before Docker 25 an engine leaves it writable.
#[test]
fn a_file_system_inside_what_is_read_only_is_not_written() {
    let sandbox = Sandbox::without_key("[run]\nmounts = [\"../sets:/sets:ro\"]\n");
    let sets = sandbox.project().with_file_name("sets");
    let inner = Mounted::at(sets.join("inner disk"));
    let up = sandbox.up(&["--allow", "mounts"]);
    if up["ok"] == true {
        let container = format!("envctl-{}", up["id"].as_str().unwrap());
        let write = ["exec", &container, "touch", "/sets/inner disk/x"];
        assert_ne!(ran(Command::new("docker").args(write).output()).code, 0);
    } else {
        assert_eq!(up["error"]["kind"], "mount-writable", "{up:#}");
    }
    drop(inner);
    let seen = Seen::up(&sandbox, &["--allow", "mounts"]);
    assert!(seen.root("touch '/sets/inner disk/x' 2>&1 || true").contains("Read-only file system"));

    // A mounted project makes the same files writable anyway, so a refusal would not help.
    sandbox.write_manifest("[run]\nmounts = [\"./data:/data:ro\"]\n");
    let _inner = Mounted::at(sandbox.file("data/inner"));
    let seen = Seen::up(&sandbox, &["--force"]);
    assert_eq!(seen.root("touch /workspace/data/inner/x; ls /data/inner"), "x");
    sandbox.ok(&["down", "--volumes", "--force", "--yes"]);
}

/// Files that the user can write and root could run. Each reports the user ID that runs it.
const PLANT: &str = r#"
cd /opt/envctl/venv/bin && for name in sh bash env cat stat chown chmod find setpriv sshd mkdir rm mv ln sed readlink \
    cp sleep id ls nvidia-smi python3 true grep tr kill; do
    rm -f "$name"
    printf '#!/bin/sh\n/usr/bin/id -u >>/workspace/ran\nexec /usr/bin/%s "$@"\n' "$name" >"$name"
    /usr/bin/chmod 0755 "$name"
done
printf 'import os\nopen("/workspace/ran", "a").write(f"{os.geteuid()}\\n")\n' \
    >/opt/envctl/venv/lib/python3.11/site-packages/sitecustomize.py
/usr/bin/mkdir -p ~/.local/bin ~/evil
/usr/bin/cp /opt/envctl/venv/bin/cat ~/.local/bin/cat
/usr/bin/ln -s /usr/bin ~/evil/hub
/usr/bin/mv ~/.cache ~/cache-aside
/usr/bin/ln -s evil ~/.cache
/usr/bin/rm ~/data
/usr/bin/ln -s /etc ~/data
printf '/etc/passwd\n/usr/bin\n' >~/.envctl-links
"#;

#[test]
fn the_containers_user_gets_root_to_run_nothing() {
    let volume = format!("attack-{}-hub", std::process::id());
    let mut sandbox = Sandbox::new(&format!(
        "[run]\nenv-file = \"steer.env\"\ntmpfs = [\"~/memory\"]\nmounts = [\"{volume}:~/.cache/hub\", \"./data:~/data:ro\"]\n"
    ));
    for (name, value) in [("SUDO_UID", "1234"), ("SUDO_GID", "1234"), ("SUDO_USER", "ada")] {
        sandbox.variables.push((name, value.to_owned()));
    }
    let steer = "LD_PRELOAD=/workspace/absent.so\nBASH_ENV=/workspace/steer.sh\nENV=/workspace/steer.sh\nPS4=x\nIFS=e\n\
        PYTHONPATH=/workspace\nSHELLOPTS=xtrace\nLD_LIBRARY_PATH=/workspace\nGCONV_PATH=/workspace\nPLAIN=seen\n";
    fs::write(sandbox.file("steer.env"), steer).unwrap();
    fs::write(sandbox.file("steer.sh"), "/usr/bin/id -u >>/workspace/ran\n").unwrap();
    fs::create_dir(sandbox.file("data")).unwrap();
    fs::write(sandbox.file("data/here"), "a row").unwrap();
    fs::write(sandbox.file("ran"), "").unwrap();
    for path in [sandbox.project(), sandbox.file("data"), sandbox.file("ran")] {
        chown(path, Some(ADA), Some(ADA)).unwrap();
    }
    fs::set_permissions(sandbox.file("ran"), fs::Permissions::from_mode(0o666)).unwrap();
    let seen = Seen::up(&sandbox, &[]);
    assert_eq!(
        sandbox.ssh(&["id -un; cat ~/data/here; echo x > ~/.cache/hub/mine; echo x > ~/memory/mine"]),
        "ada\na row"
    );

    steering_variables_come_back_to_sessions_alone(&sandbox, &seen);
    the_user_can_write_nothing_of_roots(&sandbox);
    the_venv_is_the_users(&sandbox, &seen);

    sandbox.ssh(&[PLANT]);
    fs::write(sandbox.file("ran"), "").unwrap();
    sandbox.ok(&["restart", "--force"]);
    docker(&["restart", "--time", "1", &seen.container]);
    sandbox.ok(&["exec", "--root", "--", "cat", "/etc/hostname"]);
    sandbox.ok(&["exec", "--root", "--", "sh", "-lc", "stat /etc/hostname; python3 -c ''"]);
    sandbox.ssh(&["cat /etc/hostname"]);
    sandbox.ok(&["up", "--bootstrap", "--yes", "--force", "--recreate"]);
    let ran = fs::read_to_string(sandbox.file("ran")).unwrap();
    assert!(ran.lines().any(|user| user == "1234"), "nothing that was planted is in force: {ran}");
    assert!(!ran.lines().any(|user| user == "0"), "root ran what its user wrote: {ran}");
    assert_eq!(
        seen.root("stat -c %u /usr /usr/bin /etc /etc/passwd /etc/profile.d; test -L /usr/bin || echo"),
        "0\n0\n0\n0\n0"
    );
    let mounted = seen.root("grep -v /docker-init /proc/self/mountinfo");
    assert!(!mounted.lines().any(|line| line.contains(" /usr/") || line.contains(" /etc/hub")), "{mounted}");
    assert_eq!(sandbox.ssh(&["/usr/bin/cat ~/data/here ~/.cache/hub/mine"]), "a rowx");
    drop(sandbox);
    docker(&["volume", "rm", &volume]);
}

fn steering_variables_come_back_to_sessions_alone(sandbox: &Sandbox, seen: &Seen<'_>) {
    // The loader reports a missing library to every user who starts a program with it.
    let log = docker(&["logs", &seen.container]);
    assert!(!log.contains("absent.so"), "{log}");
    let environment = seen.root("tr '\\0' '\\n' </proc/1/environ; cat /proc/$(pidof -s sshd)/environ | tr '\\0' '\\n'");
    let steers =
        |line: &&str| ["LD_", "BASH_ENV=", "ENV=", "PYTHON", "SHELLOPTS"].iter().any(|name| line.starts_with(name));
    assert_eq!(environment.lines().find(steers), None, "{environment}");
    let asked = "printenv LD_PRELOAD BASH_ENV PYTHONPATH LD_LIBRARY_PATH PLAIN";
    let expected = "/workspace/absent.so\n/workspace/steer.sh\n/workspace\n/workspace\nseen";
    let sessions = [
        ("ssh", sandbox.openssh("ssh", &["e2e", asked])),
        ("login", sandbox.openssh("ssh", &["e2e", &format!("bash -lc '{asked}'")])),
        ("exec", sandbox.run(&["exec", "-T", "--", "sh", "-c", asked])),
    ];
    for (session, ran) in sessions {
        assert_eq!(ran.stdout.trim_end(), expected, "{session}: {ran:#?}");
    }
    let root =
        sandbox.ok(&["exec", "-T", "--root", "--", "sh", "-lc", "echo \"${LD_PRELOAD-none} ${BASH_ENV-none} $PATH\""]);
    assert!(root.stdout.starts_with("none none /") && !root.stdout.contains("venv"), "{root:#?}");
    let ran = fs::read_to_string(sandbox.file("ran")).unwrap();
    assert!(ran.lines().all(|user| user == "1234"), "{ran}");
}

fn the_user_can_write_nothing_of_roots(sandbox: &Sandbox) {
    let find = "find / -xdev '(' -type d -o -type f ')' -writable ! -user ada 2>/dev/null; find / -xdev -user ada ! -type d 2>/dev/null; true";
    let found = sandbox.ssh(&[find]);
    // The tmpfs of the manifest, and a lock file of uv in the virtual environment.
    let shared = ["/tmp", "/var/tmp", "/run/lock", "/opt/envctl/mounts/3", "/opt/envctl/venv/.lock"];
    let left: Vec<_> = found.lines().filter(|path| !shared.contains(path) && !path.starts_with("/home/ada/")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Directories change their owner, files never, because all of them would be copied into the container.
fn the_venv_is_the_users(sandbox: &Sandbox, seen: &Seen<'_>) {
    let owners = "find /opt/envctl/venv -type d -printf '%u\\n' | sort -u; find /opt/envctl/venv -type f -printf '%u\\n' | sort -u";
    assert_eq!(seen.root(owners), "ada\nroot");
    let wheel = r#"
import zipfile
with zipfile.ZipFile("/tmp/packaging-99.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("packaging/__init__.py", "__version__ = '99.0'\n")
    wheel.writestr("packaging-99.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: packaging\nVersion: 99.0\n")
    wheel.writestr("packaging-99.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("packaging-99.0.dist-info/RECORD", "packaging/__init__.py,,\npackaging-99.0.dist-info/METADATA,,\npackaging-99.0.dist-info/WHEEL,,\npackaging-99.0.dist-info/RECORD,,\n")
"#;
    fs::write(sandbox.file("wheel.py"), wheel).unwrap();
    let script = "unset LD_PRELOAD BASH_ENV PYTHONPATH; set -e; python /workspace/wheel.py; \
        pip install --quiet --no-index --no-deps --upgrade /tmp/packaging-99.0-py3-none-any.whl >&2; \
        python -c 'import packaging; print(packaging.__version__)'; pip uninstall --quiet --yes packaging numpy >&2; \
        python -c 'import numpy' 2>/dev/null || echo gone";
    assert_eq!(sandbox.ssh(&[script]), "99.0\ngone");
}

/// A setuid program of root, as a package can contain one, and a user who starts it.
#[test]
fn a_session_of_root_has_nothing_that_the_manifest_chooses() {
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    let env = "env = { APT_CONFIG = \"/workspace/apt.conf\", PROMPT_COMMAND = \"/workspace/x\", MINE = \"1\" }";
    sandbox.write_manifest(&format!("[run]\nworkdir = \"/workspace/w\"\n{env}\n"));
    sandbox.is_up();
    let root = sandbox.ok(&["exec", "-T", "--root", "-e", "OWN=2", "--", "sh", "-c", "pwd; id -u; env"]).stdout;
    assert!(root.starts_with("/root\n0\n") && root.contains("\nOWN=2\n"), "{root}");
    for chosen in ["APT_CONFIG", "PROMPT_COMMAND", "MINE", "workspace"] {
        assert!(!root.contains(chosen), "{chosen}: {root}");
    }
    assert_eq!(sandbox.run(&["exec", "-T", "--root", "--", "no-such-program"]).code, 127);
    assert_eq!(sandbox.ok(&["exec", "-T", "--", "printenv", "MINE"]).stdout, "1\n");
    // Everybody can read the arguments of root's processes.
    let look = ["exec", "-T", "--root", "-e", "OWN=s3cret", "--", "sh", "-c", "cat /proc/[0-9]*/cmdline"];
    assert!(!sandbox.ok(&look).stdout.contains("s3cret"));
}

#[test]
fn a_volume_of_the_users_does_not_become_the_directory_of_roots_temporary_files() {
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    sandbox.write_manifest("[run]\nmounts = [\"attack-tmp:/data\"]\n");
    sandbox.is_up();
    assert_eq!(sandbox.ok(&["exec", "-T", "--", "sh", "-c", "touch /data/x; stat -c %U /data"]).stdout, "ada\n");
    for target in ["/tmp", "/var/tmp", "/dev/shm"] {
        sandbox.write_manifest(&format!("[run]\nmounts = [\"attack-tmp:{target}\"]\n"));
        sandbox.up(&["--force"]);
        let seen = sandbox.ok(&["exec", "-T", "--", "stat", "-c", "%U %a", target, &format!("{target}/x")]).stdout;
        assert_eq!(seen, "root 1777\nada 644\n", "{target}");
    }
    sandbox.run(&["down", "--volumes", "--force", "--yes"]);
    let _ = Command::new("docker").args(["volume", "rm", "attack-tmp"]).output();
}

/// An environment inside the project of another one: code in the outer one could put a link in the place of the inner
/// project while the engine looks it up.
#[test]
fn nobody_exchanges_what_another_environment_mounts() {
    let sandbox = Sandbox::new("");
    let manifest = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    fs::rename(sandbox.file("envctl.toml"), sandbox.file("lab.toml")).unwrap();
    fs::create_dir(sandbox.file("sub")).unwrap();
    let inner = |more: &str| fs::write(sandbox.file("sub/envctl.toml"), format!("{manifest}{more}")).unwrap();
    inner("");
    let up = |path: &str| sandbox.run(&["up", "--bootstrap", "--yes", "--json", "--manifest", path]);
    let kind = |ran: &Ran| {
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        document["error"]["kind"].as_str().unwrap_or("none").to_owned()
    };
    assert_eq!(kind(&up("lab.toml")), "none");
    assert_eq!(kind(&up("sub/envctl.toml")), "mount-unheld", "the outer one runs");
    sandbox.ok(&["stop", "--force", "--manifest", "lab.toml"]);
    inner("[run]\nrestart = \"always\"\n");
    assert_eq!(kind(&up("sub/envctl.toml")), "none", "nobody can exchange anything");
    let start = sandbox.run(&["start", "--json", "--manifest", "lab.toml"]);
    assert_eq!(kind(&start), "mount-unheld", "the engine starts the inner one by itself");
    sandbox.ok(&["down", "--volumes", "--force", "--yes", "--manifest", "sub/envctl.toml"]);
    assert_eq!(kind(&up("lab.toml")), "none");
    // The sandbox takes it down by its usual name.
    fs::rename(sandbox.file("lab.toml"), sandbox.file("envctl.toml")).unwrap();
}

fn docker_logs(container: &str) -> String {
    let logs = Command::new("docker").args(["logs", container]).output().unwrap();
    String::from_utf8_lossy(&[logs.stdout, logs.stderr].concat()).into_owned()
}

/// The same where the container's user is not root: the entrypoint looks before anything else, also when the engine
/// starts the container by itself.
#[test]
fn a_directory_that_was_exchanged_is_noticed_at_every_start() {
    let mut sandbox = Sandbox::new("[run]\nrestart = \"always\"\n");
    roots_directory(&mut sandbox);
    let id = sandbox.up(&[])["id"].as_str().unwrap().to_owned();
    let container = format!("envctl-{id}");
    let (project, aside) = (sandbox.project(), sandbox.project().with_file_name("aside"));
    fs::rename(&project, &aside).unwrap();
    symlink("/", &project).unwrap();
    docker(&["restart", "--time", "1", &container]);
    let begun = Instant::now();
    while !docker_logs(&container).contains("envctl: /workspace is another directory of the host") {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", docker_logs(&container));
        std::thread::sleep(Duration::from_millis(100));
    }
    docker(&["stop", "--time", "1", &container]);
    fs::remove_file(&project).unwrap();
    fs::rename(&aside, &project).unwrap();
    sandbox.up(&[]);
    assert_eq!(sandbox.ok(&["exec", "-T", "--", "ls", "envctl.toml"]).stdout, "envctl.toml\n");

    // A new directory of the same name is another one, which an `up` notices.
    fs::rename(&project, &aside).unwrap();
    fs::create_dir(&project).unwrap();
    for name in ["envctl.toml", "envctl.lock"] {
        fs::copy(aside.join(name), project.join(name)).unwrap();
    }
    chown(&project, Some(ADA), Some(ADA)).unwrap();
    docker(&["stop", "--time", "1", &container]);
    sandbox.up(&[]);
    assert_eq!(sandbox.ok(&["exec", "-T", "--", "ls"]).stdout, "envctl.lock\nenvctl.toml\n");
}

/// Two file systems have the same inode numbers: a directory has to be told by more than its own.
#[test]
fn a_directory_with_the_same_number_on_another_file_system_is_another_one() {
    let mut sandbox = Sandbox::new("");
    roots_directory(&mut sandbox);
    let disks = ["one", "two"].map(|name| TemporaryDisk::mount(&sandbox.home().join(name)));
    let [data, other] = disks.each_ref().map(|disk| disk.path().join("data"));
    for (directory, word) in [(&data, "agreed"), (&other, "foreign")] {
        fs::create_dir(directory).unwrap();
        fs::write(directory.join("word"), word).unwrap();
    }
    assert_eq!(data.metadata().unwrap().ino(), other.metadata().unwrap().ino(), "the test would prove nothing");
    let run = format!(
        "[run]\nrestart = \"always\"\nmounts = [\"{}:/mnt/data:ro\"]\ncommand = [\"sh\", \"-c\", \"cat /mnt/data/word; \
         sleep infinity\"]\n",
        data.display()
    );
    sandbox.write_manifest(&run);
    let id = sandbox.up(&["--allow", &format!("mounts={}:ro", data.display())])["id"].as_str().unwrap().to_owned();
    let container = format!("envctl-{id}");
    docker(&["stop", "--time", "1", &container]);
    fs::rename(&data, data.with_file_name("old")).unwrap();
    symlink(&other, &data).unwrap();
    docker(&["start", &container]);
    let begun = Instant::now();
    while !docker_logs(&container).contains("envctl: /mnt/data is another directory of the host") {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", docker_logs(&container));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!docker_logs(&container).contains("foreign"));
    sandbox.run(&["down", "--volumes", "--force", "--yes"]);
}

/// A file system in memory, of its own.
struct TemporaryDisk(PathBuf);

impl TemporaryDisk {
    fn mount(path: &Path) -> Self {
        fs::create_dir(path).unwrap();
        let made = Command::new("mount").args(["-t", "tmpfs", "-o", "mode=0755", "tmpfs"]).arg(path).status().unwrap();
        assert!(made.success());
        Self(path.to_owned())
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// The entrypoint's refusal is the result of the command, with an SSH server and without.
#[test]
fn a_start_that_the_entrypoint_refuses_is_no_success() {
    let sandbox = Sandbox::new("[ssh]\nenabled = false\n");
    sandbox.up(&[]);
    let data = sandbox.project();
    fs::rename(&data, data.with_file_name("aside")).unwrap();
    fs::create_dir(&data).unwrap();
    for name in ["envctl.toml", "envctl.lock"] {
        fs::copy(data.with_file_name("aside").join(name), data.join(name)).unwrap();
    }
    for verb in ["restart", "start", "start"] {
        let refused = sandbox.run(&[verb, "--force"][..if verb == "start" { 1 } else { 2 }]);
        assert!(
            refused.code != 0 && refused.stderr.contains("/workspace is another directory"),
            "{verb}: {refused:#?}"
        );
    }
    // `up` makes the container again, and says why.
    let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(up.code == 0 && up.stdout.contains("another directory at the place of a mounted one"), "{up:#?}");
}

/// Two `up` at the same moment: neither saw the other's container before it made its own.
#[test]
fn two_ups_at_once_do_not_pass_each_other() {
    let sandbox = Sandbox::new("");
    let manifest = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    fs::rename(sandbox.file("envctl.toml"), sandbox.file("lab.toml")).unwrap();
    fs::create_dir(sandbox.file("sub")).unwrap();
    fs::write(sandbox.file("sub/envctl.toml"), format!("{manifest}[run]\nrestart = \"always\"\n")).unwrap();
    let paths = ["lab.toml", "sub/envctl.toml"];
    for path in paths {
        sandbox.ok(&["build", "--bootstrap", "--manifest", path]);
    }
    for _ in 0..4 {
        let start = |path| {
            let mut command = sandbox.command(&["up", "--bootstrap", "--yes", "--json", "--manifest", path]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let codes = paths.map(start).map(|mut child| child.wait().unwrap().code());
        assert!(codes.iter().any(|code| *code != Some(0)), "{codes:?}: both run");
        for path in paths {
            sandbox.run(&["down", "--volumes", "--force", "--yes", "--manifest", path]);
        }
    }
    // The sandbox takes it down by its usual name.
    fs::rename(sandbox.file("lab.toml"), sandbox.file("envctl.toml")).unwrap();
}

#[test]
fn a_session_goes_to_its_directory_as_its_user() {
    let mut sandbox = Sandbox::new("[run]\nworkdir = \"/workspace/w\"\n");
    roots_directory(&mut sandbox);
    std::os::unix::fs::symlink("/proc/self/fd/7", sandbox.file("w")).unwrap();
    sandbox.is_up();
    for options in [&["-T"][..], &["-T", "--root", "-w", "/workspace/w"]] {
        let begun = sandbox.run(&[&["exec"], options, &["--", "pwd"]].concat());
        assert_eq!((begun.code, begun.stdout.as_str()), (126, ""), "{begun:#?}");
    }
    fs::remove_file(sandbox.file("w")).unwrap();
    fs::create_dir(sandbox.file("w")).unwrap();
    assert_eq!(sandbox.ok(&["exec", "-T", "--", "pwd"]).stdout, "/workspace/w\n");
}

#[test]
fn a_setuid_program_makes_nobody_root_unless_that_was_agreed_to() {
    let make =
        "cp /usr/bin/id /usr/bin/true-id; cp /usr/bin/cat /usr/bin/any; chmod 4755 /usr/bin/true-id /usr/bin/any";
    let sandbox = Sandbox::new("[run]\nuser = \"ada\"\n");
    let seen = Seen::up(&sandbox, &[]);
    seen.root(make);
    let asked = "true-id -u; any /etc/shadow >/dev/null 2>&1 && echo read";
    let expected = sandbox.ssh(&["/usr/bin/id -u"]);
    assert_ne!(expected, "0");
    assert_eq!(sandbox.openssh("ssh", &["e2e", asked]).stdout.trim_end(), expected);
    assert_eq!(sandbox.run(&["exec", "-T", "--", "sh", "-c", asked]).stdout.trim_end(), expected);
    assert_eq!(sandbox.ok(&["exec", "-T", "--root", "--", "/usr/bin/id", "-u"]).stdout.trim_end(), "0");

    sandbox.write_manifest("[run]\nuser = \"ada\"\n[build]\nrun = [\"true\"]\n");
    let seen = Seen::up(&sandbox, &["--force"]);
    seen.root(make);
    assert_eq!(sandbox.openssh("ssh", &["e2e", asked]).stdout.trim_end(), "0\nread");
}

#[test]
fn a_name_of_the_images_own_is_not_taken() {
    let sandbox = Sandbox::new("[run]\nuser = \"backup\"\n");
    let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(up.code != 0 && up.stderr.contains("`backup` is a name of the image's own"), "{up:#?}");
}

#[test]
fn what_a_container_prints_does_not_act_on_the_terminal() {
    let printed = "\\033]0;owned\\007\\033[2J\\033[31mred\\033[0m hidden\\rshown\\n";
    let sandbox =
        Sandbox::new(&format!("[run]\ncommand = ['sh', '-c', 'printf \"{printed}\"; exec sleep infinity']\n"));
    sandbox.is_up();
    let raw = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred\u{1b}[0m hidden\rshown\n";
    assert_eq!(sandbox.ok(&["logs"]).stdout, raw, "a pipe gets the bytes");

    // `script` provides a terminal.
    let line = format!("{} logs", env!("CARGO_BIN_EXE_envctl"));
    let mut script = sandbox.command(&[]);
    let variables: Vec<_> =
        script.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(sandbox.project()).envs(variables);
    let shown = ran(script.output()).stdout.replace("\r\n", "\n");
    assert!(shown.contains("\\u{1b}]0;owned\\u{7}\\u{1b}[2J\u{1b}[31mred\u{1b}[0m hidden\nshown"), "{shown:?}");
}
