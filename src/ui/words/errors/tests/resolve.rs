//! The errors of a request for something that the compatibility data does not contain.

use super::{each_variant, shown};
use crate::matrix::GpuMaker;
use crate::resolve::{FactOrigin, RequestError};

#[test]
fn errors_of_a_request() {
    let gpu = || "RTX 9999".to_owned();
    let origin = || FactOrigin::CommandLine("--gpu");
    let near = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let known = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect();
    let errors = each_variant![RequestError;
        UnknownFramework { id: "torch".parse().unwrap(), near: known(&["pytorch"]), snippet: None },
        UnknownFramework { id: "torch".parse().unwrap(), near: known(&["jax", "pytorch"]), snippet: None },
        UnknownFramework { id: "torch".parse().unwrap(), near: Vec::new(), snippet: None },
        UnknownGpu { name: gpu(), origin: origin(), near: near(&["RTX 4090"]), maker: None, snippet: None },
        UnknownGpu { name: gpu(), origin: origin(), near: Vec::new(), maker: None, snippet: None },
        UnknownGpu {
            name: "RX 7900 XTX".to_owned(),
            origin: origin(),
            near: Vec::new(),
            maker: Some(GpuMaker::Amd),
            snippet: None,
        },
    ];
    insta::assert_snapshot!(shown(&errors));
}
