//! `build`: the image alone.

use super::prepare::prepare;
use super::work::{Ask, Effects, Work};
use super::{consent, recover};
use crate::engine::Engine;
use crate::error::Error;
use crate::grants::Phase;

/// Builds the image where it is not there; its name, and whether it had to be built.
pub async fn build(work: &Work<'_, impl Engine>, ask: &dyn Ask) -> Result<(String, bool), Error> {
    let mut state = work.environment.state()?;
    recover::state(work, &mut state).await?;
    let agreed = consent::agree(work, &mut state, Phase::Build, ask).await?;
    let prepared = prepare(work, &agreed, &state, Effects::Allowed).await?;
    let tag = prepared.recipe.build.tag.clone();
    let is_there = work.engine.image(&tag).await?.is_some();
    if is_there && !work.settings.no_cache && !work.settings.pull {
        return Ok((tag, false));
    }
    prepared.recipe.build(work).await?;
    Ok((tag, true))
}
