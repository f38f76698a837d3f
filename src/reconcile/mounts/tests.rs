use super::*;

/// Parses `SOURCE:TARGET[:ro]`: a host path, a volume's name, or nothing for memory.
fn asked(text: &str, index: Option<usize>) -> MountRequest {
    let mut parts = text.split(':');
    let source = match parts.next().unwrap() {
        "" => Source::Memory,
        path if path.starts_with('/') => Source::Host(path.into()),
        name => Source::Volume(name.to_owned()),
    };
    let target = parts.next().unwrap().to_owned();
    MountRequest { source, target, read_only: parts.next() == Some("ro"), index }
}

/// The project at `/srv/lab`, mounted at `project`, followed by these mounts.
fn all(project: Option<&str>, mounts: &[&str]) -> Vec<MountRequest> {
    let project = project.map(|target| asked(&format!("/srv/lab:{target}"), None));
    project.into_iter().chain(mounts.iter().enumerate().map(|(at, text)| asked(text, Some(at)))).collect()
}

fn setting() -> MountContext<'static> {
    MountContext {
        project: Path::new("/srv/lab"),
        home: "/home/ada",
        is_root: false,
        restarts: false,
        keeps_home: true,
    }
}

/// The engine's mounts except the project, then the links.
fn told(mounts: &[&str]) -> String {
    let mounts = arrange_mounts(&all(Some("/workspace"), mounts), &setting()).unwrap();
    let specs = mounts.specs.iter().map(|spec| {
        let MountSpec { kind: _, source, target, read_only } = spec;
        format!("{source} at {target}{}", if *read_only { " read-only" } else { "" })
    });
    let memory = mounts.tmpfs.iter().map(|at| format!("memory at {at}"));
    let links = mounts.links.iter().map(|Link { target, place }| format!("{target} -> {place}"));
    specs.filter(|line| line != "/srv/lab at /workspace").chain(memory).chain(links).collect::<Vec<_>>().join("\n")
}

fn refused(setting: &MountContext<'_>, project: Option<&str>, mounts: &[&str]) -> MountProblem {
    arrange_mounts(&all(project, mounts), setting).unwrap_err().1
}

#[test]
fn what_lies_in_the_project_is_reached_by_way_of_the_project() {
    assert_eq!(told(&["/srv/lab/data:/data"]), "/data -> /workspace/data");
    insta::assert_snapshot!(told(&["/srv/lab/data:/data:ro", "/srv/lab/conf.json:/opt/conf.json:ro"]), @r"
    /srv/lab at /opt/envctl/read-only/project read-only
    /data -> /opt/envctl/read-only/project/data
    /opt/conf.json -> /opt/envctl/read-only/project/conf.json
    ");
}

#[test]
fn where_an_image_may_have_links_the_target_is_a_link_of_ours() {
    for target in ["/run/user/1000/x", "/run/user/1000", "/usr/src/app/x", "/opt/x", "/tmp/x", "/data/deep/x"] {
        for (source, shown) in [("v", "v"), ("/mnt/x", "/mnt/x")] {
            let expected = format!("{shown} at /opt/envctl/mounts/1\n{target} -> /opt/envctl/mounts/1");
            assert_eq!(told(&[&format!("{source}:{target}")]), expected);
        }
    }
    for target in ["/data", "/mnt/x", "/srv/x", "/dev/shm"] {
        assert_eq!(told(&[&format!("v:{target}")]), format!("v at {target}"));
    }
    let inside = refused(&setting(), None, &["/mnt/x:/run/y:ro", "/mnt/y:/var/run/y/z:ro"]);
    assert!(matches!(inside, MountProblem::InReadOnly { .. }), "{inside}");
    for target in ["/tmp", "/var/tmp"] {
        assert_eq!(told(&[&format!("v:{target}")]), format!("v at {target}"));
        let from_project = refused(&setting(), Some("/workspace"), &[&format!("/srv/lab/tmp:{target}")]);
        assert_eq!(from_project, MountProblem::Roots { target: target.to_owned() });
    }
    // Both names of one place: neither is a place that the engine looks up.
    let both = told(&["v:/run/user/1000", "w:/var/run/user/1000/x"]);
    assert!(both.starts_with("v at /opt/envctl/mounts/1\nw at /opt/envctl/mounts/2\n"), "{both}");
}

#[test]
fn nothing_is_mounted_inside_what_is_read_only() {
    let inside = MountProblem::InReadOnly { target: "/a/sub".to_owned(), outer: "/a".to_owned() };
    for outer in ["/srv/lab/d:/a:ro", "/mnt/x:/a:ro", "volume:/a:ro", "/srv:/a:ro"] {
        for inner in ["/srv/lab/e:/a/sub", "/mnt/e:/a/sub", "other:/a/sub", ":/a/sub", "/mnt/e:/a/sub:ro"] {
            for project in [Some("/workspace"), None] {
                for mounts in [[outer, inner], [inner, outer]] {
                    assert_eq!(refused(&setting(), project, &mounts), inside, "{mounts:?}");
                }
            }
            assert_eq!(refused(&setting(), Some("/a/sub"), &[outer]), inside, "the project in {outer}");
        }
    }
}

#[test]
fn nothing_is_mounted_above_the_home() {
    let above = MountProblem::AboveHome { target: "/home".to_owned(), home: "/home/ada".to_owned() };
    for keeps_home in [true, false] {
        for restarts in [true, false] {
            let setting = MountContext { restarts, keeps_home, ..setting() };
            for one in [
                "/srv/lab/x:/home",
                "/srv/lab/x:/home:ro",
                "/mnt/homes:/home:ro",
                "/home:/home",
                "homes:/home",
                ":/home",
            ] {
                assert_eq!(refused(&setting, Some("/workspace"), &[one]), above, "{one}");
            }
            assert_eq!(refused(&setting, Some("/home"), &[]), above);
        }
    }
}

#[test]
fn nothing_writable_is_mounted_on_the_way_to_a_place_of_our_own() {
    let own = ["/home/ada", "/opt/envctl/venv", "/opt/envctl/entrypoint", "/etc/envctl-ssh/sshd_config"];
    let roots =
        ["/etc/profile.d/envctl.sh", "/run/sshd", "/usr/sbin/sshd", "/usr/bin/setpriv", "/etc/passwd", "/bin/sh"];
    for place in own.into_iter().chain(roots) {
        for target in Path::new(place).ancestors().skip(1).map(|target| target.display()) {
            for source in ["/srv/lab/x", "/mnt/x", "volume", ""] {
                let asked = all(Some("/workspace"), &[&format!("{source}:{target}")]);
                assert!(arrange_mounts(&asked, &setting()).is_err(), "{source}:{target}");
            }
            let project = all(Some(&target.to_string()), &[]);
            assert!(arrange_mounts(&project, &setting()).is_err(), "the project at {target}");
        }
    }
}

#[test]
fn what_lies_outside_is_mounted_by_its_real_name() {
    assert_eq!(told(&["/mnt/sets:/sets:ro", "cache:/cache"]), "/mnt/sets at /sets read-only\ncache at /cache");
    assert_eq!(told(&["/srv/lab:/again"]), "/srv/lab at /again");
}

#[test]
fn a_source_in_a_directory_that_is_mounted_writable_is_reached_by_way_of_that() {
    insta::assert_snapshot!(told(&["/mnt/sets:/sets:ro", "/mnt/out:/out", "/mnt:/mnt"]), @r"
    /mnt at /opt/envctl/read-only/3 read-only
    /mnt at /mnt
    /sets -> /opt/envctl/read-only/3/sets
    /out -> /mnt/out
    ");
    assert_eq!(told(&["/mnt/sets:/sets", "/mnt:/mnt:ro"]), "/mnt/sets at /sets\n/mnt at /mnt read-only");
}

#[test]
fn a_directory_around_the_project_holds_the_project_too() {
    let mounts =
        arrange_mounts(&all(Some("/workspace"), &["/srv:/srv", "/srv/lab/data:/data:ro"]), &setting()).unwrap();
    assert_eq!(mounts.binds().collect::<Vec<_>>(), ["/srv", "/srv"]);
    let links: Vec<_> = mounts.links.iter().map(|link| (link.target.as_str(), link.place.as_str())).collect();
    assert_eq!(links, [("/workspace", "/srv/lab"), ("/data", "/opt/envctl/read-only/1/lab/data")]);
}

#[test]
fn nothing_is_mounted_at_a_target_that_the_user_can_exchange() {
    insta::assert_snapshot!(told(&["hf:/home/ada/.cache/hf", "/mnt/x:/workspace/x:ro", "v:/v", "w:/v/w", ":/home/ada/tmp"]), @r"
    hf at /opt/envctl/mounts/1
    /mnt/x at /opt/envctl/mounts/2 read-only
    v at /v
    w at /opt/envctl/mounts/4
    memory at /opt/envctl/mounts/5
    /workspace/x -> /opt/envctl/mounts/2
    /v/w -> /opt/envctl/mounts/4
    /home/ada/tmp -> /opt/envctl/mounts/5
    /home/ada/.cache/hf -> /opt/envctl/mounts/1
    ");
    let home = arrange_mounts(&all(Some("/home/ada/work"), &["/srv/lab/data:/data"]), &setting()).unwrap();
    assert_eq!(home.specs[0].target, "/opt/envctl/mounts/project");
    assert_eq!(home.links[0], Link { target: "/data".into(), place: "/opt/envctl/mounts/project/data".into() });
}

#[test]
fn what_root_runs_is_not_the_users_to_write() {
    let roots = |target: &str| MountProblem::Roots { target: target.to_owned() };
    let ada = setting();
    let root = MountContext { is_root: true, home: "/root", keeps_home: false, ..setting() };
    for target in
        ["/usr/bin", "/etc/pam.d", "/etc/profile.d/x.sh", "/usr/lib/x86_64-linux-gnu", "/var/lib", "/run/sshd"]
    {
        for source in ["/srv/lab/x", "volume", ""] {
            for setting in [&ada, &root] {
                let found = refused(setting, Some("/workspace"), &[&format!("{source}:{target}")]);
                assert_eq!(found, roots(target), "{source}");
            }
        }
        assert_eq!(refused(&ada, Some("/workspace"), &[&format!("/mnt/x:{target}")]), roots(target));
        for read_only in ["/srv/lab/x", "volume"] {
            assert_eq!(refused(&ada, Some("/workspace"), &[&format!("{read_only}:{target}:ro")]), roots(target));
        }
        assert_eq!(refused(&ada, Some(target), &[]), roots(target));
        assert_eq!(refused(&ada, None, &[&format!("/mnt/x:{target}:ro"), "/mnt/x:/data"]), roots(target));
        assert_eq!(refused(&ada, None, &[&format!("/mnt/x:{target}:ro"), "/mnt/x/bin:/data"]), roots(target));
        assert_eq!(refused(&ada, Some("/workspace"), &[&format!("/srv:{target}:ro")]), roots(target));
        // A host path that the user agreed to and that nobody in the container can write.
        assert_eq!(told(&[&format!("/mnt/x:{target}:ro")]), format!("/mnt/x at {target} read-only"));
        assert!(arrange_mounts(&all(None, &[&format!("/mnt/x:{target}")]), &root).is_ok());
    }
    for target in ["/usr", "/etc", "/var", "/run"] {
        for mount in [format!("/mnt/x:{target}:ro"), format!(":{target}")] {
            assert_eq!(refused(&root, None, &[&mount]), MountProblem::System { target: target.to_owned() });
        }
    }
    assert_eq!(refused(&ada, None, &["volume:/root/.ssh"]), roots("/root/.ssh"));
    for target in ["/root/.config", "/root"] {
        assert!(arrange_mounts(&all(None, &[&format!("volume:{target}")]), &root).is_ok(), "{target}");
    }
    for target in ["/var/lib/postgresql", "/usr/src/app", "/run/user/1000", "/dev/shm", "/home/x"] {
        assert!(arrange_mounts(&all(None, &[&format!("volume:{target}")]), &ada).is_ok(), "{target}");
    }
    assert!(arrange_mounts(&all(None, &["volume:/var/lib/docker"]), &root).is_ok());
    assert_eq!(refused(&ada, None, &["volume:/var/lib/docker"]), roots("/var/lib/docker"));
    assert_eq!(refused(&root, Some("/"), &[]), MountProblem::System { target: "/".to_owned() });
}

#[test]
fn the_socket_of_the_hosts_engine_is_mounted_where_clients_look_for_it() {
    for target in ["/run/docker.sock", "/var/run/docker.sock"] {
        assert!(arrange_mounts(&all(None, &[&format!("/run/docker.sock:{target}")]), &setting()).is_ok(), "{target}");
        for source in ["/srv/lab/x", "volume", ""] {
            let found = refused(&setting(), None, &[&format!("{source}:{target}")]);
            assert_eq!(found, MountProblem::Roots { target: target.to_owned() }, "{source}");
        }
    }
}

#[test]
fn the_home_directory_is_mounted_once() {
    let home = MountProblem::Home { target: "/home/ada".to_owned() };
    assert_eq!(refused(&setting(), Some("/home/ada"), &[]), home);
    assert_eq!(refused(&setting(), None, &["/mnt/x:/home/ada"]), home);
    let unkept = MountContext { keeps_home: false, ..setting() };
    assert!(arrange_mounts(&all(None, &["/mnt/x:/home/ada"]), &unkept).is_ok());
}

#[test]
fn what_can_not_be_held_is_refused() {
    let restarts = MountContext { restarts: true, ..setting() };
    let inside = refused(&restarts, None, &["/mnt/x:/x", "/srv/lab/data:/data:ro"]);
    assert_eq!(inside, MountProblem::Unheld { path: "/srv/lab/data".into() });
    assert!(arrange_mounts(&all(None, &["/srv/lab/data:/data:ro"]), &setting()).is_ok());
    assert!(arrange_mounts(&all(Some("/workspace"), &["/srv/lab/data:/data:ro"]), &restarts).is_ok());
    let within = refused(&setting(), Some("/workspace"), &["/srv/lab/data:/workspace/data:ro"]);
    assert!(matches!(within, MountProblem::Within { .. }));
    assert_eq!(told(&["/srv/lab/data:/workspace/data"]), "");
    let unspeakable = refused(&setting(), Some("/workspace"), &["/srv/lab/a\nb:/data"]);
    assert!(matches!(unspeakable, MountProblem::Unquotable { .. }));
}
