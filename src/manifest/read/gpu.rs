//! Reads `[gpu]`: the GPUs that the container gets.

use crate::manifest::problem::ProblemKind;
use crate::manifest::reader::{Reader, TableReader, located};
use crate::manifest::tree::{Node, Value};
use crate::manifest::types::GpuDevices;
use crate::manifest::{Gpu, Located};

pub(super) fn gpu_table(reader: &mut Reader, mut table: TableReader) -> Gpu {
    reader.not_empty(&table, "devices", "gpu.devices", "for a CPU environment, write `devices = \"none\"`");
    reader.not_empty(&table, "driver-capabilities", "gpu.driver-capabilities", "leave out `driver-capabilities`");
    let devices = table.take("devices").and_then(|entry| gpu_devices(reader, &entry.node));
    let asked = reader.list(&mut table, "driver-capabilities");
    let driver_capabilities = if asked.is_empty() {
        ["compute", "utility"].iter().filter_map(|name| name.parse().ok()).collect()
    } else {
        asked.into_iter().map(|capability| capability.value).collect()
    };
    let gpu = Gpu {
        devices: devices.unwrap_or_else(|| Located::default_value(GpuDevices::All)),
        optional: reader.flag(&mut table, "optional").is_some_and(|optional| optional.value),
        driver_capabilities,
    };
    reader.finish(table);
    gpu
}

fn gpu_devices(reader: &mut Reader, node: &Node) -> Option<Located<GpuDevices>> {
    let key = || "gpu.devices".to_owned();
    let span = node.span.clone();
    let devices = match &node.value {
        Value::Text(_) => return reader.checked(key(), node),
        Value::Table(entries) => {
            let mut table = TableReader::new("gpu.devices", entries.clone());
            let count = table.take("count");
            reader.finish(table);
            match count.as_ref().map(|count| &count.node.value) {
                Some(Value::Integer(Some(count), _)) if (1..=1024).contains(count) => {
                    Some(GpuDevices::Count(u32::try_from(*count).unwrap_or(1)))
                }
                _ => None,
            }
        }
        // The reader has already reported the empty list.
        Value::List(items) if items.is_empty() => return None,
        Value::List(items) => gpu_list(reader, items),
        Value::Integer(..) => {
            let why = "a number alone could be a count or an index";
            reader.problem(ProblemKind::BadValue(GpuDevices::error(&node.value.to_toml(), why)), &span);
            return None;
        }
        _ => None,
    };
    if devices.is_none() {
        let error = GpuDevices::error(&node.value.to_toml(), "there is no such choice");
        reader.problem(ProblemKind::BadValue(error), &span);
    }
    devices.map(|devices| located(devices, node))
}

fn gpu_list(reader: &mut Reader, items: &[Node]) -> Option<GpuDevices> {
    let index = |item: &Node| match item.value {
        Value::Integer(Some(index), _) => u32::try_from(index).ok(),
        _ => None,
    };
    let indices: Option<Vec<u32>> = items.iter().map(index).collect();
    if let Some(indices) = indices.filter(|indices| !indices.is_empty()) {
        return Some(GpuDevices::Indices(indices));
    }
    let mut ids = Vec::new();
    for item in items {
        let Value::Text(text) = &item.value else { return None };
        match GpuDevices::identifier(text) {
            Ok(id) => ids.push(id),
            Err(error) => reader.problem(ProblemKind::BadValue(error), &item.span),
        }
    }
    (!items.is_empty()).then_some(GpuDevices::Ids(ids))
}
