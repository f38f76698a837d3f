//! The engine, the base image and the unique names of the end-to-end tests.

use std::cell::RefCell;
use std::path::Path;
use std::sync::OnceLock;

use envctl::bootstrap;
use envctl::engine::docker::Docker;
use envctl::event::{Event, Silent, Sink};
use envctl::files::RootedDirectory;
use envctl::lock::LockedPackage;
use envctl::matrix::Matrix;
use envctl::packages::{ClosureRequest, PackageResolver, PackagesError};
use envctl::system::System;

/// Keeps what happened.
#[derive(Default)]
pub struct Seen(pub RefCell<Vec<Event>>);

impl Sink for Seen {
    fn emit(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

/// The process as it is.
pub fn system() -> System {
    System::of_process()
}

/// The closure of a project in this directory, by the real uv.
pub async fn closure(request: ClosureRequest<'_>, project: &Path) -> Result<Vec<LockedPackage>, PackagesError> {
    let (system, directory) = (system(), rooted(project));
    let resolver = PackageResolver::open(request.agreed, &system, &directory, None, &Silent).await?;
    resolver.closure(request, &Silent).await.map(|closure| closure.packages)
}

/// The engine that `docker` would speak to.
pub fn docker() -> Docker {
    Docker::connect(&system(), None).expect("an engine listens: `scripts/test` starts one")
}

/// The process as it is, with the cache that all tests share: bases are made once.
pub fn shared_system() -> System {
    let mut system = system();
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR"));
    system.variables.insert("XDG_CACHE_HOME".to_owned(), shared.join("cache").display().to_string());
    system
}

/// Held by the tests that make the base of Debian 13, and remove it.
pub static TRIXIE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Debian 12, made here from the distribution's own packages: no test needs an image registry. Made once, then found again
/// in the engine; later tests of this process wait for the first.
pub fn base() -> &'static str {
    static MADE: OnceLock<String> = OnceLock::new();
    // A thread of its own: the caller may be inside a runtime already.
    MADE.get_or_init(|| std::thread::spawn(|| bootstrapped("debian:12")).join().expect("the base image was made"))
}

fn bootstrapped(distribution: &str) -> String {
    let matrix = Matrix::embedded();
    let distribution = matrix.distribution(distribution).expect("the matrix knows it");
    let wanted = bootstrap::BaseRequest { distribution, refresh: false, mirror: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let made = runtime.block_on(bootstrap::ensure_base(&docker(), &system(), wanted, &Silent));
    made.expect("`mmdebstrap` and the package archive are there: `scripts/test` sets them up").reference
}

/// A name for what a test makes; the process's number keeps runs apart.
pub fn name(test: &str) -> String {
    format!("envctl-test-{}-{}", std::process::id(), test.replace('_', "-"))
}

/// Whether a process with exactly this command line runs on this host, in a container or not.
pub fn runs(command: &[&str]) -> bool {
    let wanted: Vec<u8> = command.iter().flat_map(|word| word.bytes().chain([0])).collect();
    let processes = std::fs::read_dir("/proc").expect("a kernel that shows processes").flatten();
    processes
        .map(|process| process.path().join("cmdline"))
        .any(|file| std::fs::read(file).is_ok_and(|line| line == wanted))
}

/// A directory whose files may be read.
pub fn rooted(path: &Path) -> RootedDirectory {
    RootedDirectory::open(path).unwrap()
}
