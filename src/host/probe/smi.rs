//! Runs `nvidia-smi` where this process cannot load the driver's library.
//!
//! It runs only if the library gave no GPU or no driver, because its start can take seconds.

use std::path::PathBuf;

use super::driver_facts::DriverFacts;
use super::machine::Machine;
use crate::host::Fact;
use crate::host::parse::smi::{self, FIELDS, FIELDS_WITHOUT_CAPABILITY, Row};

const SOURCE: &str = "nvidia-smi";

/// Fills the facts that are still unknown.
pub(super) fn ask_smi(machine: &Machine<'_>, found: &mut DriverFacts) {
    let Some(program) = find_program(machine) else { return };
    let rows = match query_smi(&program) {
        Ok(rows) => rows,
        Err(words) => {
            if found.driver.is_some() || found.problems.is_empty() {
                found.problems.push(format!("`nvidia-smi` fails: {words}"));
            }
            return;
        }
    };
    if found.driver.is_none() {
        found.driver = rows.iter().find_map(|row| row.driver.clone()).map(|version| Fact::new(version, SOURCE));
    }
    if found.gpus.is_empty() {
        found.gpus = rows.into_iter().map(|row| Fact::new(row.gpu, SOURCE)).collect();
    }
    if found.driver_cuda.is_none() {
        let header = Machine::ask(&program, &[]).map(|(_, text)| text).unwrap_or_default();
        found.driver_cuda = smi::header_cuda(&header).map(|version| Fact::new(version, SOURCE));
    }
}

fn find_program(machine: &Machine<'_>) -> Option<PathBuf> {
    let wsl = machine.path("/usr/lib/wsl/lib/nvidia-smi");
    machine.system.find_program("nvidia-smi").or_else(|| wsl.exists().then_some(wsl))
}

/// The GPUs, or the program's own message if it lists none.
fn query_smi(program: &std::path::Path) -> Result<Vec<Row>, String> {
    let ask = |fields: &str| {
        let query = format!("--query-gpu={fields}");
        let (ended_well, text) = Machine::ask(program, &[&query, "--format=csv,noheader,nounits"])
            .unwrap_or_else(|| (false, "it can't be run or does not end".to_owned()));
        let rows = smi::parse_rows(&text, fields);
        if ended_well || !rows.is_empty() { Ok(rows) } else { Err(text) }
    };
    let answer = match ask(FIELDS) {
        Err(text) if text.contains("not a valid field") => ask(FIELDS_WITHOUT_CAPABILITY),
        answer => answer,
    };
    answer.map_err(|text| {
        text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it says nothing").to_owned()
    })
}
