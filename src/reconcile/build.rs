//! `build`: builds the image without a container.
//!
//! It uses the same recipe as `up`, so that `up` finds the image later. What only a container needs, such as GPUs and
//! directories to mount, is not looked at: images are also built on machines that never run them.

use super::prepare::prepare_image;
use super::work::{Ask, Effects, Work};
use super::{consent, recover};
use crate::engine::Engine;
use crate::error::Error;
use crate::grants::Phase;

/// An image that exists on the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltImage {
    /// `envctl/NAME:HASH`
    pub name: String,
    /// Whether this run built it.
    pub is_new: bool,
}

/// Builds the image if it does not exist.
pub async fn build_image(work: &Work<'_, impl Engine>, ask: &dyn Ask) -> Result<BuiltImage, Error> {
    let mut state = work.environment.state()?;
    recover::recover_state(work, &mut state).await?;
    let agreed = consent::agree(work, &mut state, Phase::Build, ask).await?;
    let recipe = prepare_image(work, &agreed, &state, Effects::Allowed).await?;
    let name = recipe.build.tag.clone();
    let is_there = work.engine.image(&name).await?.is_some();
    if is_there && !work.options.no_cache && !work.options.pull {
        return Ok(BuiltImage { name, is_new: false });
    }
    recipe.build(work).await?;
    Ok(BuiltImage { name, is_new: true })
}
