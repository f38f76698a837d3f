//! Parses the output of `nvidia-smi`. NVIDIA does not promise a stable output, so envctl reads only the query form and
//! one figure of the header.

use crate::host::GpuFacts;
use crate::version::{CudaVersion, DriverVersion};

/// The columns of the query. Drivers before 510 do not know `compute_cap` and get [`FIELDS_WITHOUT_CAPABILITY`].
pub const FIELDS: &str = "index,uuid,memory.total,driver_version,compute_cap,name";
/// The columns for older drivers.
pub const FIELDS_WITHOUT_CAPABILITY: &str = "index,uuid,memory.total,driver_version,name";

/// One line of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub gpu: GpuFacts,
    /// The driver, the same in every row.
    pub driver: Option<DriverVersion>,
}

/// Parses `--query-gpu=… --format=csv,noheader,nounits` with the columns of `fields`. The name is the last column,
/// because it can contain a comma. Other lines, such as warnings, are ignored.
#[must_use]
pub fn parse_rows(text: &str, fields: &str) -> Vec<Row> {
    text.lines().filter_map(|line| parse_row(line, fields)).collect()
}

fn parse_row(line: &str, fields: &str) -> Option<Row> {
    let count = fields.split(',').count();
    let values: Vec<&str> = line.splitn(count, ',').map(str::trim).collect();
    if values.len() != count {
        return None;
    }
    let value = |name: &str| {
        let at = fields.split(',').position(|field| field == name)?;
        Some(values[at]).filter(|text| !text.is_empty() && !text.starts_with('['))
    };
    Some(Row {
        driver: value("driver_version").and_then(|text| text.parse().ok()),
        gpu: GpuFacts {
            index: value("index")?.parse().ok()?,
            name: value("name").map(str::to_owned),
            uuid: value("uuid").map(str::to_owned),
            compute_capability: value("compute_cap").and_then(|text| text.parse().ok()),
            memory: value("memory.total").and_then(|text| text.parse::<u64>().ok()).map(|mib| mib << 20),
        },
    })
}

/// Parses the CUDA version in the header of plain `nvidia-smi`: `CUDA Version: 12.4`, or `CUDA UMD Version: 13.1` since
/// 590.
#[must_use]
pub fn header_cuda(text: &str) -> Option<CudaVersion> {
    let after = |label: &str| text.split_once(label).map(|(_, tail)| tail);
    let tail = after("CUDA Version:").or_else(|| after("CUDA UMD Version:"))?;
    tail.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_gpus() {
        let text = "0, GPU-b5169cef-2205-c30e-f2b3-220cfa14bafd, 12288, 570.86.15, 7.0, NVIDIA TITAN V\n\
                    1, GPU-7518f6b0-991f-ce2b-3d37-c779130d3137, 49140, 570.86.15, 8.9, NVIDIA RTX 5880 Ada Generation\n";
        let rows = parse_rows(text, FIELDS);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].gpu.index, 1);
        assert_eq!(rows[1].gpu.name.as_deref(), Some("NVIDIA RTX 5880 Ada Generation"));
        assert_eq!(rows[1].gpu.compute_capability, Some("8.9".parse().unwrap()));
        assert_eq!(rows[1].gpu.memory, Some(49140 << 20));
        assert_eq!(rows[0].driver, Some("570.86.15".parse().unwrap()));
    }

    #[test]
    fn an_old_driver_without_capabilities() {
        let text = "0, GPU-22b2c6ac-2d49-4863-197c-9c469071178a, 7979, 440.64, GeForce RTX 2080\n";
        let rows = parse_rows(text, FIELDS_WITHOUT_CAPABILITY);
        assert_eq!(rows[0].gpu.compute_capability, None);
        assert_eq!(rows[0].gpu.name.as_deref(), Some("GeForce RTX 2080"));
    }

    #[test]
    fn values_it_can_not_give_are_not_known() {
        let text = "0, GPU-1, [N/A], 535.104.05, [Not Supported], NVIDIA GB10\n";
        let row = &parse_rows(text, FIELDS)[0];
        assert_eq!((row.gpu.memory, row.gpu.compute_capability), (None, None));
    }

    #[test]
    fn errors_are_not_rows() {
        for text in [
            "",
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest \
             NVIDIA driver is installed and running.\n",
            "Field \"compute_cap\" is not a valid field to query.\n",
            "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.183\n",
            "Unable to determine the device handle for GPU 0000:00:08.0: Unknown Error\n",
        ] {
            assert_eq!(parse_rows(text, FIELDS), [], "{text:?}");
        }
    }

    #[test]
    fn the_header_old_and_new() {
        let old = "| NVIDIA-SMI 520.56.06    Driver Version: 520.56.06    CUDA Version: 11.8     |";
        let new = "| NVIDIA-SMI 590.44.01   KMD Version: 590.44.01   CUDA UMD Version: 13.1     |";
        assert_eq!(header_cuda(old), Some("11.8".parse().unwrap()));
        assert_eq!(header_cuda(new), Some("13.1".parse().unwrap()));
        assert_eq!(header_cuda("| NVIDIA-SMI 331.62     Driver Version: 331.62         |"), None);
        assert_eq!(header_cuda("CUDA Version: N/A"), None);
    }
}
