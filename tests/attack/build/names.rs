//! Image names that exist only in this engine.

use envctl::engine::ImageStore;
use envctl::engine::{EngineError, LOCAL_IMAGES};
use envctl::event::Silent;
use envctl::packages::tool;

use super::{base, block_on, engine};
use crate::sandbox::Sandbox;

#[test]
fn every_image_that_a_build_names_is_one_that_only_this_engine_can_have() {
    let sandbox = Sandbox::new("");
    let rendered = sandbox.ok(&["render", "--bootstrap"]).stdout;
    let instructions = envctl::render::dockerfile_instructions(&rendered).unwrap();
    let mut images = Vec::new();
    for instruction in &instructions {
        let options = instruction.flags.iter().flat_map(|(_, value)| value.split(','));
        images.extend(options.filter_map(|option| option.strip_prefix("from=")));
        images.extend((instruction.name == "from").then_some(instruction.arguments.as_str()));
    }
    assert!(images.len() > 2 && images.contains(&base()) && images.contains(&tool::image_reference().as_str()));
    assert!(images.iter().all(|image| image.starts_with("envctl.invalid/")), "{images:?}");
}

/// RFC 2606: nobody can own the name.
#[test]
fn no_registry_serves_what_is_only_here() {
    let missing = format!("{LOCAL_IMAGES}/uv:missing");
    let pulled = block_on(engine().pull(&missing, &Silent));
    assert!(matches!(pulled, Err(EngineError::RegistryUnreachable { .. })), "{pulled:?}");
}
