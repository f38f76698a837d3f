//! What tests build: onnxruntime on Debian 12, and a manifest that asks for nothing more.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use envctl::grants::Agreed;
use envctl::manifest::{
    BaseImages, Build, CaCertificates, Cuda, Gpu, GpuDevices, Located, Manifest, Network, Python, Run, Ssh,
    SystemTable, Target,
};
use envctl::resolve::Resolution;

pub fn located<T>(value: T) -> Located<T> {
    Located::default_value(value)
}

/// A manifest that asks for nothing in particular.
pub fn manifest() -> Manifest {
    Manifest {
        path: PathBuf::from("envctl.toml"),
        text: String::new(),
        name: located("lab".parse().unwrap()),
        envctl: None,
        frameworks: BTreeMap::new(),
        python: Python::default(),
        cuda: Cuda::default(),
        system: SystemTable::default(),
        target: Target::default(),
        gpu: Gpu { devices: located(GpuDevices::None), optional: false, driver_capabilities: Vec::new() },
        run: run(),
        ssh: Ssh { enabled: true, port: None, listen: located(IpAddr::V4(Ipv4Addr::LOCALHOST)), authorized_keys: None },
        build: Build::default(),
        network: Network {
            apt_mirror: None,
            pip_index: None,
            pip_extra_indexes: Vec::new(),
            image_mirror: None,
            proxy: None,
            no_proxy: Vec::new(),
            python_mirror: None,
            ca_certificates: located(CaCertificates::Host),
            base_images: located(BaseImages::Registry),
        },
        publish: None,
        sources: envctl::manifest::Sources::default(),
        settings: Vec::new(),
    }
}

/// The proof that it asks for nothing to agree to.
pub fn agreed(manifest: &Manifest) -> Agreed<'_> {
    Agreed::without_wishes(manifest).expect("its values are defaults")
}

fn run() -> Run {
    Run {
        project: None,
        mounts: Vec::new(),
        ports: Vec::new(),
        persist_home: true,
        shm_size: None,
        ulimits: BTreeMap::new(),
        env: BTreeMap::new(),
        env_file: Vec::new(),
        workdir: None,
        user: None,
        command: None,
        ipc: None,
        restart: None,
        cpus: None,
        memory: None,
        privileged: None,
        cap_add: Vec::new(),
        devices: Vec::new(),
        network: None,
        x11: None,
        selinux: None,
        volumes_from: Vec::new(),
        tmpfs: Vec::new(),
        extra_hosts: Vec::new(),
    }
}

/// onnxruntime on Debian 12's Python.
pub fn resolution() -> Resolution {
    serde_json::from_value(serde_json::json!({
        "frameworks": [{
            "name": "onnxruntime", "version": "1.20.1", "package": "onnxruntime", "variant": "cpu", "index": "default",
            "cuda": null, "cudnn": null, "capabilities": [], "verify": "import onnxruntime",
        }],
        "python": "3.11", "python_source": "distribution", "cuda": null, "cudnn": null, "arch": "x86_64",
        "driver": null, "compute_capability": [], "os": "debian:12", "base_image": "debian:12", "toolkit": "none",
        "glibc": "2.36", "buildable": { "ok": true }, "notes": [], "reasons": [],
    }))
    .unwrap()
}
