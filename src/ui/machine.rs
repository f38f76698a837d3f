//! Describes the facts of a machine for people.
//!
//! Each fact is shown with its source.

use unicode_width::UnicodeWidthStr;

use crate::host::{Fact, GpuFacts, HostFacts};

use super::Paint;

/// Describes the facts: one line with the name, the value and the source of each.
#[must_use]
pub fn host(facts: &HostFacts, paint: Paint) -> String {
    let rows = rows(facts);
    let wide = rows.iter().map(|(_, value, _)| value.width()).max().unwrap_or(0);
    let lines = rows.iter().map(|(what, value, source)| {
        let gap = " ".repeat(wide - value.width());
        let line = format!("{} {value}{gap}  {}", paint.bold(&format!("{what:<13}")), paint.dim(source));
        line.trim_end().to_owned()
    });
    let problems = facts.problems.iter().map(|problem| format!("{} {problem}", paint.yellow("problem:")));
    lines.chain(problems).chain([String::new()]).collect::<Vec<_>>().join("\n")
}

fn rows(facts: &HostFacts) -> Vec<(String, String, &str)> {
    fn row<'a, T>(
        what: &str,
        fact: Option<&'a Fact<T>>,
        none: &str,
        word: impl FnOnce(&T) -> String,
    ) -> (String, String, &'a str) {
        let value = fact.map_or_else(|| none.to_owned(), |fact| word(&fact.value));
        (what.to_owned(), value, fact.map_or("", |fact| fact.source.as_str()))
    }
    let mut rows = vec![
        row("host", facts.hostname.as_ref(), "unknown", String::clone),
        row("architecture", facts.arch.as_ref(), "unknown", ToString::to_string),
        row("distribution", facts.distribution.as_ref(), "unknown", String::clone),
        row("kernel", facts.kernel.as_ref(), "unknown", String::clone),
        row("glibc", facts.glibc.as_ref(), "unknown", ToString::to_string),
        row("memory", facts.memory.as_ref(), "unknown", |bytes| gibibytes(*bytes)),
        row("CPUs", facts.cpus.as_ref(), "unknown", u32::to_string),
        row("NVIDIA driver", facts.driver.as_ref(), "none", ToString::to_string),
    ];
    if facts.driver_cuda.is_some() {
        rows.push(row("newest CUDA", facts.driver_cuda.as_ref(), "", ToString::to_string));
    }
    if facts.gpus.is_empty() {
        rows.push(row::<String>("GPUs", None, "none", String::clone));
    }
    rows.extend(facts.gpus.iter().map(|fact| row(&format!("GPU {}", fact.value.index), Some(fact), "", gpu)));
    let engine =
        |engine: &crate::host::EngineFacts| format!("{} {} at {}", engine.kind, engine.version, engine.endpoint);
    rows.push(row("engine", facts.engine.as_ref(), "none", engine));
    rows
}

fn gpu(gpu: &GpuFacts) -> String {
    let name = gpu.name.clone().unwrap_or_else(|| "an NVIDIA GPU".to_owned());
    let capability = gpu.compute_capability.map(|capability| format!(", compute capability {capability}"));
    let memory = gpu.memory.map(|bytes| format!(", {}", gibibytes(bytes)));
    format!("{name}{}{}", capability.unwrap_or_default(), memory.unwrap_or_default())
}

/// Returns tenths of a gibibyte, rounded down, so that the number never promises too much.
fn gibibytes(bytes: u64) -> String {
    let tenths = (u128::from(bytes) * 10) >> 30;
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_machine() {
        let mut facts = HostFacts::unknown();
        facts.hostname = Some(Fact::new("lab-a".to_owned(), "/proc/sys/kernel/hostname"));
        facts.memory = Some(Fact::new(67_387_543_552, "/proc/meminfo"));
        facts.driver = Some(Fact::new("550.54.14".parse().unwrap(), "/proc/driver/nvidia/version"));
        facts.gpus.push(Fact::new(
            GpuFacts {
                index: 0,
                name: Some("NVIDIA GeForce RTX 3090".to_owned()),
                uuid: None,
                compute_capability: Some("8.6".parse().unwrap()),
                memory: Some(25_769_803_776),
            },
            "NVML",
        ));
        facts.problems.push("this user is not permitted to open the GPU's device files".to_owned());
        insta::assert_snapshot!(host(&facts, Paint(false)), @r"
        host          lab-a                                                      /proc/sys/kernel/hostname
        architecture  unknown
        distribution  unknown
        kernel        unknown
        glibc         unknown
        memory        62.7 GiB                                                   /proc/meminfo
        CPUs          unknown
        NVIDIA driver 550.54.14                                                  /proc/driver/nvidia/version
        GPU 0         NVIDIA GeForce RTX 3090, compute capability 8.6, 24.0 GiB  NVML
        engine        none
        problem: this user is not permitted to open the GPU's device files
        ");
    }

    #[test]
    fn a_machine_without_gpus() {
        let text = host(&HostFacts::unknown(), Paint(false));
        assert!(text.contains("NVIDIA driver none\n") && text.contains("GPUs          none\n"), "{text}");
    }
}
