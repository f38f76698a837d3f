//! The facts of a request that a conflict can be made of, and sets of them.

/// One fact that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// That this framework is wanted at all.
    Framework(usize),
    /// Which releases of it.
    Version(usize),
    Python,
    Cuda,
    Cudnn,
    Toolkit,
    Base,
    Arch,
    Driver,
    Gpu(usize),
}

/// Some of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FactSet(Vec<Fact>);

impl FactSet {
    /// Every fact that `request` states, in the order in which a person would name them.
    pub(super) fn of(request: &super::request::Request) -> Self {
        use super::request::{Base, TargetDriver};
        let mut facts = Vec::new();
        for index in 0..request.frameworks.len() {
            facts.extend([Fact::Framework(index), Fact::Version(index)]);
        }
        let stated = [
            (request.python.is_some(), Fact::Python),
            (request.cuda.is_some(), Fact::Cuda),
            (request.cudnn.is_some(), Fact::Cudnn),
            (request.toolkit.is_some(), Fact::Toolkit),
            (!matches!(request.base, Base::Open), Fact::Base),
            (request.target.arch.is_some(), Fact::Arch),
            (matches!(request.target.driver, TargetDriver::Version(_)), Fact::Driver),
        ];
        facts.extend(stated.into_iter().filter(|(there, _)| *there).map(|(_, fact)| fact));
        facts.extend((0..request.target.gpus.len()).map(Fact::Gpu));
        Self(facts)
    }

    /// These.
    pub(super) fn from(facts: impl IntoIterator<Item = Fact>) -> Self {
        Self(facts.into_iter().collect())
    }

    pub(super) fn has(&self, fact: Fact) -> bool {
        self.0.contains(&fact)
    }

    /// Without `fact`. Without a framework, nothing is asked of its version.
    pub(super) fn without(&self, fact: Fact) -> Self {
        let gone = |kept: &Fact| match (fact, *kept) {
            (Fact::Framework(a), Fact::Version(b)) if a == b => true,
            (_, kept) => kept == fact,
        };
        Self(self.0.iter().copied().filter(|kept| !gone(kept)).collect())
    }

    pub(super) fn without_all(&self, facts: impl IntoIterator<Item = Fact>) -> Self {
        let gone = facts.into_iter().collect::<std::collections::BTreeSet<_>>();
        let stays = |fact: &Fact| match fact {
            Fact::Version(index) => !gone.contains(fact) && !gone.contains(&Fact::Framework(*index)),
            _ => !gone.contains(fact),
        };
        Self(self.iter().filter(stays).collect())
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Fact> {
        self.0.iter().copied()
    }
}
