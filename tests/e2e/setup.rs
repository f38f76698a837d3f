//! `setup` on an empty machine: a container that holds only the program.

use envctl::engine::docker::Docker;
use envctl::engine::{ContainerInside, ContainerLife};
use envctl::engine::{ContainerSpec, ExecOutput, ExecSpec};

use crate::harness;

/// A fresh Debian 12. Removed when dropped, also by a failing test.
struct Machine {
    engine: Docker,
    name: String,
}

impl Machine {
    async fn new(test: &str) -> Self {
        let (engine, name) = (harness::docker(), harness::name(test));
        let spec = ContainerSpec {
            name: name.clone(),
            image: harness::base().to_owned(),
            command: vec!["sleep".to_owned(), "3600".to_owned()],
            init: true,
            ..ContainerSpec::default()
        };
        engine.create(&spec).await.unwrap();
        let machine = Self { engine, name };
        machine.engine.upload(&machine.name, "/usr/local/bin", program()).await.unwrap();
        machine.engine.start(&machine.name).await.unwrap();
        machine
    }

    async fn envctl(&self, arguments: &[&str]) -> ExecOutput {
        let command = ["envctl"].iter().chain(arguments).map(|&word| word.to_owned()).collect();
        let env = vec!["HOME=/root".to_owned()];
        self.engine.exec_output(&self.name, &ExecSpec { command, env, ..ExecSpec::default() }).await.unwrap()
    }

    /// The commands that `setup` would run.
    async fn steps(&self) -> Vec<String> {
        let shown = document(&self.envctl(&["setup", "--dry-run", "--json"]).await);
        let steps = shown["setup"]["steps"].as_array().unwrap_or_else(|| panic!("{shown}")).clone();
        steps.iter().map(|step| step["command"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let name = self.name.clone();
        // A thread of its own: this one is inside a runtime.
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(harness::docker().remove(&name)).unwrap();
        });
        let _ = removed.join();
    }
}

/// A tar archive with the program under test.
fn program() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.sparse(false);
    archive.append_path_with_name(env!("CARGO_BIN_EXE_envctl"), "envctl").unwrap();
    archive.into_inner().unwrap()
}

fn document(output: &ExecOutput) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[tokio::test]
async fn a_fresh_machine_gets_what_it_lacks_and_an_engine_that_can_not_start_is_quoted() {
    let machine = Machine::new("setup").await;
    let before = machine.envctl(&["doctor", "--json"]).await;
    assert_eq!((before.code, document(&before)["ok"].as_bool()), (4, Some(false)), "{before:?}");

    let unasked = machine.envctl(&["setup"]).await;
    let text = String::from_utf8_lossy(&unasked.stderr);
    assert_eq!(unasked.code, 4, "{text}");
    assert!(text.contains("docker.io") && text.contains("envctl setup --yes"), "{text}");
    assert_eq!(machine.steps().await.len(), 3);

    // A container without privileges may install an engine and not start it.
    let done = machine.envctl(&["setup", "--yes", "--json"]).await;
    let text = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.code, 4, "{text}");
    assert_eq!(document(&done)["error"]["kind"], "setup-engine-silent", "{text}");
    assert!(text.contains("failed to start daemon"), "its own words: {text}");
    assert!(text.find("Running apt-get").unwrap() < text.find("Running sh").unwrap(), "shown in order: {text}");

    let left = machine.steps().await;
    assert!(left.iter().all(|step| !step.contains("apt-get")), "nothing is installed twice: {left:?}");
    assert!(left.last().unwrap().contains("setsid dockerd"), "{left:?}");
    let after = document(&machine.envctl(&["doctor", "--json"]).await);
    let broken = after["doctor"]["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "broken");
    let subjects: Vec<_> = broken.map(|finding| finding["subject"].as_str().unwrap().to_owned()).collect();
    assert_eq!(subjects, ["container engine"]);
}
