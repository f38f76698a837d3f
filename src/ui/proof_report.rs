//! Describes for people what `verify` found.

use super::Paint;
use super::plain::plain;
use super::words::{framework_outlook, import_words, proof_gaps};
use crate::proof::{FrameworkProof, ImportsReport, LibraryFinding, MachineFinding, ProofReport};

/// The width of the first column.
const TITLE: usize = 12;

/// Describes everything that was looked at, and what was not.
#[must_use]
pub fn proof_report(report: &ProofReport, paint: Paint) -> String {
    let ProofReport { machine, libraries, frameworks, imports } = report;
    let mut text = machine.as_ref().map(|machine| self::machine(machine, paint)).unwrap_or_default();
    text.extend(frameworks.iter().map(|one| framework(one, paint)));
    text.push_str(&self::libraries(libraries, paint));
    text.extend(imports.iter().map(|imports| self::imports(imports, paint)));
    text.extend(proof_gaps(report).iter().map(|gap| line("not seen", &paint.yellow("not seen"), gap)));
    text
}

/// Describes what is wrong in one sentence, without its full stop.
#[must_use]
pub fn proof_failure(report: &ProofReport) -> String {
    let driver = report.machine.as_ref().and_then(|machine| machine.error.clone());
    let failed = report.frameworks.iter().filter(|one| one.outlook.is_failure());
    let failed = failed.map(|one| format!("`{}` {}", one.framework, framework_outlook(one)));
    let missing = report.imports.iter().flat_map(|imports| &imports.missing).filter(|module| !module.conditional);
    let missing = missing.map(|module| format!("nothing provides the module `{}`", module.module));
    driver.into_iter().chain(failed).chain(missing).collect::<Vec<_>>().join("; ")
}

fn machine(machine: &MachineFinding, paint: Paint) -> String {
    let MachineFinding { gpus, cuda, version, error } = machine;
    let gpus = gpus.iter().enumerate().map(|(at, gpu)| {
        let title = format!("GPU {at}");
        line(&title, &paint.bold(&title), &format!("{}, capability {}", plain(&gpu.name), plain(&gpu.capability)))
    });
    let version = version.as_ref().map(|version| plain(version)).unwrap_or_default();
    let cuda = cuda.as_ref().map(|cuda| format!(", runs CUDA up to {}", plain(cuda))).unwrap_or_default();
    let said = error.as_ref().map(|error| format!(" {}", plain(error))).unwrap_or_default();
    let driver = line("driver", &paint.bold("driver"), &format!("{version}{cuda}{said}"));
    gpus.chain([driver]).collect()
}

fn framework(one: &FrameworkProof, paint: Paint) -> String {
    let mark = if one.outlook.is_failure() { paint.red(&one.framework) } else { paint.bold(&one.framework) };
    let head = line(&one.framework, &mark, &plain(&framework_outlook(one)));
    let output = one.output.iter().map(|said| format!("{}{}\n", " ".repeat(TITLE), plain(said)));
    std::iter::once(head).chain(output).collect()
}

fn libraries(found: &[LibraryFinding], paint: Paint) -> String {
    if found.is_empty() {
        return line("libraries", &paint.bold("libraries"), "every shared library finds what it needs");
    }
    let lines = found.iter().map(|LibraryFinding { library, file, owner, package, added: _ }| {
        let owner = owner.as_ref().map(|owner| format!(" of {owner}")).unwrap_or_default();
        let package = package.as_ref().map(|package| format!("; the package {package} has it")).unwrap_or_default();
        let words = plain(&format!("{library} is missing: {file}{owner} needs it{package}"));
        line("libraries", &paint.yellow("libraries"), &words)
    });
    lines.collect()
}

fn imports(report: &ImportsReport, paint: Paint) -> String {
    let lines = import_words(report).into_iter().map(|(words, is_failure)| {
        let painted = if is_failure { paint.red("imports") } else { paint.bold("imports") };
        line("imports", &painted, &plain(&words))
    });
    lines.collect()
}

/// A line with a title of a fixed width, which may be painted.
fn line(title: &str, painted: &str, words: &str) -> String {
    let gap = " ".repeat(TITLE.saturating_sub(title.len()).max(1));
    format!("{painted}{gap}{words}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::MissingModule;

    fn found(framework: &str, gpu: &str, import: &str, compute: &str) -> String {
        let driver = if import.contains("libcuda") { "\"libcuda.so.1\"" } else { "null" };
        format!(
            r#"envctl-proof {{"framework": "{framework}", "gpu": {gpu}, "for_gpu": true, "import": {import}, "compute": {compute}, "driver": {driver}, "output": []}}"#
        )
    }

    #[test]
    fn everything_that_can_be_found() {
        let computed =
            r#"{"result": {"cuda": true, "result": [1], "version": "2.4.1"}, "cuda": "12.1", "cudnn": "9.1.0"}"#;
        let on_cpu = r#"{"result": {"cuda": false, "result": [1], "version": "2.4.1"}}"#;
        let imported = r#"{"seconds": 2.1}"#;
        let machine = r#"envctl-proof {"machine": {"gpus": [{"name": "H100", "capability": "9.0"}], "cuda": "13.0", "version": "580.159.04"}}"#;
        let library = r#"envctl-proof {"added": false, "file": "x/_x.so", "library": "libodd.so.1", "owner": "odd", "package": null}"#;
        let lines = [
            machine.to_owned(),
            found("pytorch", "0", imported, computed),
            found("onnxruntime", "0", imported, on_cpu),
            found("jax", "null", imported, on_cpu),
            found("cupy", "null", r#"{"error": "ImportError: libcuda.so.1"}"#, "null"),
            found("paddle", "0", r#"{"error": "ImportError: x"}"#, "null"),
            found("mxnet", "0", imported, r#"{"error": "RuntimeError: y"}"#),
            library.to_owned(),
        ];
        let missing = |module: &str, conditional, add: Option<&str>| MissingModule {
            module: module.to_owned(),
            file: "train.py".to_owned(),
            line: 3,
            conditional,
            add: add.map(str::to_owned),
        };
        let imports = ImportsReport {
            files: 2,
            unread: vec!["odd.py".to_owned()],
            modules: 3,
            missing: vec![missing("cv2", false, Some("envctl add opencv-python")), missing("apex", true, None)],
        };
        let report = ProofReport { imports: Some(imports), ..ProofReport::of(&lines.join("\n")) };
        insta::assert_snapshot!(format!("{}\n{}", proof_report(&report, Paint(false)), proof_failure(&report)));
        assert!(proof_report(&ProofReport::default(), Paint(false)).contains("finds what it needs"));
    }
}
