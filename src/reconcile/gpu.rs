//! Proves that a container has its GPUs: device nodes and an answer of the driver, both seen inside.
//!
//! A variable or a successful start proves nothing, because some engines accept a request for GPUs and ignore it.

use std::time::Duration;

use super::ReconcileError;
use super::identity::Identity;
use crate::engine::{ContainerInside, EngineError, ExecOutput, ExecSpec};
use crate::error::Error;

/// The time limit for the driver. On a machine with many GPUs and no persistence daemon the driver initialises each
/// GPU first.
const PATIENCE: Duration = Duration::from_mins(2);

/// The directories of the driver's tools, also in WSL. The manifest's PATH is not used, because it proves nothing.
const TOOLS_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/wsl/lib";

/// Prints the device nodes and then the list of `nvidia-smi`. If the driver's tools are not mounted
/// (`driver-capabilities` without `utility`), the driver's library is asked.
const LOOK: &str = "\
ls -d /dev/nvidia[0-9]* /dev/nvidia-caps/nvidia-cap[0-9]* /dev/dxg 2>/dev/null
echo --
if command -v nvidia-smi >/dev/null 2>&1; then nvidia-smi -L 2>&1; exit; fi
for python in /opt/envctl/venv/bin/python python3; do
  command -v \"$python\" >/dev/null 2>&1 || continue
  exec \"$python\" -c 'import ctypes, sys
cuda = ctypes.CDLL(\"libcuda.so.1\")
code, count = cuda.cuInit(0), ctypes.c_int()
code = code or cuda.cuDeviceGetCount(ctypes.byref(count))
print(\"cuInit:\", code, \"devices:\", count.value)
sys.exit(code != 0 or count.value == 0)' 2>&1
done
echo 'neither nvidia-smi nor libcuda.so.1 is there'
exit 1
";

/// Looks inside a running container and returns the lines of the driver's answer. The command runs as the container's
/// user, so that no file of that user runs as root.
pub async fn prove_gpus(
    engine: &impl ContainerInside,
    container: &str,
    identity: &Identity,
) -> Result<Vec<String>, Error> {
    let command = ["/bin/sh", "-c", LOOK].map(str::to_owned).to_vec();
    let user = format!("{}:{}", identity.uid, identity.gid);
    let look =
        ExecSpec { command, env: vec![TOOLS_PATH.to_owned()], user, workdir: "/".to_owned(), ..ExecSpec::default() };
    let answer = tokio::time::timeout(PATIENCE, engine.exec_output(container, &look)).await;
    let Ok(answer) = answer else {
        let reason = format!("the driver did not answer within {} s", PATIENCE.as_secs());
        return Err(ReconcileError::NoGpuInside { reason }.into());
    };
    match answer {
        Ok(output) => Ok(judge_answer(&output)?),
        Err(EngineError::CommandNotRun { reason, .. } | EngineError::Local { reason, .. }) => {
            Err(ReconcileError::NoGpuInside { reason }.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn judge_answer(output: &ExecOutput) -> Result<Vec<String>, ReconcileError> {
    let text = String::from_utf8_lossy(&output.stdout);
    let (nodes, answer) = text.split_once("--\n").unwrap_or((&text, ""));
    let answer: Vec<String> =
        answer.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    if nodes.trim().is_empty() {
        return Err(ReconcileError::NoGpuInside { reason: "there is no device node under `/dev`".to_owned() });
    }
    if output.code != 0 || answer.is_empty() {
        let words = answer.last().cloned().unwrap_or_else(|| "the driver lists no GPU".to_owned());
        return Err(ReconcileError::NoGpuInside { reason: words });
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(code: i64, stdout: &str) -> Result<Vec<String>, String> {
        let output = ExecOutput { code, stdout: stdout.as_bytes().to_vec(), stderr: Vec::new() };
        judge_answer(&output).map_err(|error| error.to_string())
    }

    #[test]
    fn nodes_and_an_answer_are_both_needed() {
        let listed = "/dev/nvidia0\n--\nGPU 0: NVIDIA A100 (UUID: GPU-1)\n";
        assert_eq!(seen(0, listed), Ok(vec!["GPU 0: NVIDIA A100 (UUID: GPU-1)".to_owned()]));
        assert!(seen(0, "--\nGPU 0: NVIDIA A100\n").unwrap_err().contains("no device node"));
        assert!(seen(9, "/dev/nvidia0\n--\nFailed to initialize NVML\n").unwrap_err().contains("Failed to initialize"));
        assert!(seen(0, "/dev/nvidia0\n--\n").unwrap_err().contains("lists no GPU"));
        assert!(seen(0, "").is_err());
    }
}
