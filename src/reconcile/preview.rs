//! Shows the steps that `up` would take.
//!
//! It only reads: it asks the user nothing and changes nothing.

use super::consent::{self, Asking, EngineAssets};
use super::observe::observe;
use super::occupants::Occupant;
use super::plan::{Action, Plan, PlanOptions};
use super::prepare::prepare_up;
use super::proposal::Proposal;
use super::settle::foresee_choices;
use super::work::{Effects, Work};
use super::{lifecycle, quick, recover};
use crate::engine::Engine;
use crate::error::Error;
use crate::grants::{self, Grant, Phase};

/// The result of a preview.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub plan: Plan,
    /// The occupants that the steps would end.
    pub inside: Vec<Occupant>,
    /// The grants that `up` would ask for first.
    pub grants: Vec<Grant>,
}

/// Computes the steps in advance. Grants that are needed to read files must exist.
pub async fn preview(work: &Work<'_, impl Engine>, wanted: PlanOptions) -> Result<Preview, Error> {
    let mut state = work.environment.state()?;
    if wanted == PlanOptions::default() && quick::find_unchanged(work, &state).await?.is_some() {
        consent::check_allowed(work, &state).await?;
        return Ok(Preview::default());
    }
    recover::recover_state(work, &mut state).await?;
    consent::refuse_unsupported(&work.environment.manifest)?;
    let assets = EngineAssets::find(work.engine, work.environment, Phase::Run).await?;
    let grants = Asking::of(work, Phase::Run).missing(&assets, &state)?;
    if grants.iter().any(|grant| grant.kind.phase() <= Phase::Build) {
        // Without these grants the image is unknown, and so is everything that depends on it.
        return Err(grants::refusal(&work.environment.manifest, grants, "plan").into());
    }
    let agreed = Asking::of(work, Phase::Build).agree_once(&assets, &state, |_| false)?;
    let prepared = prepare_up(work, &agreed, &state, Effects::None).await?;
    let observed = observe(work, &prepared.recipe.build.tag, &state).await?;
    let settled = foresee_choices(work, &prepared, &observed, &state).await?;
    let plan = Proposal::new(work.environment, &prepared, &observed, settled, wanted)?.plan;
    let inside = match observed.container.as_ref().filter(|_| plan.has(Action::Remove)) {
        Some(container) => lifecycle::list_occupants(work.engine, container).await?,
        None => Vec::new(),
    };
    Ok(Preview { plan, inside, grants })
}
