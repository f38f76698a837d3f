//! Puts values into a draft: only what its manifest's reader accepts, what needs no consent, and what is no secret.
//!
//! A file can hold thousands of values. So they come together and are read together; only if that fails, each is looked
//! at alone.

use std::collections::BTreeSet;

use super::item::{ValuePlace, value_place};
use super::{Draft, DraftFramework, DraftItem, DraftPlace, How, LeftReason, draft_text, first_problem};
use crate::foreign::{KeySetting, WhyNotRead};
use crate::grants::GrantKind;
use crate::manifest::{FrameworkId, Manifest, ManifestError};
use crate::text::redacted;
use crate::version::VersionRequest;

/// The most values that are looked at in one draft.
const MOST_VALUES: usize = 2_500;

/// The longest value, bytes.
const LONGEST_VALUE: usize = 8 * 1024;

/// The most values of one offer that are refused one by one for what the others are. The rest is refused together.
const MOST_CLASHES: usize = 8;

impl Draft {
    /// Takes a value, unless the key has another one already, the manifest's reader refuses it, or it is not for a file
    /// to decide.
    pub fn offer(&mut self, setting: KeySetting, place: &DraftPlace, how: How) {
        self.offer_all(vec![DraftItem { setting, place: place.clone(), how }]);
    }

    /// As [`Self::offer`], for many values.
    pub fn offer_all(&mut self, mut offered: Vec<DraftItem>) {
        while !offered.is_empty() {
            let (new, later) = self.split_decided(offered);
            self.offer_different(new);
            offered = later;
        }
    }

    /// Takes values for different places.
    fn offer_different(&mut self, new: Vec<DraftItem>) {
        let new = self.leave_needing_consent(new);
        let Some(problem) = self.problem_with(&new) else { return self.accept(new) };
        if let [item] = &new[..] {
            return self.refuse(item, problem);
        }
        let (fit, bad): (Vec<_>, Vec<_>) =
            new.into_iter().map(|item| (self.problem_alone(&item), item)).partition(|(problem, _)| problem.is_none());
        for (problem, item) in bad {
            self.refuse(&item, problem.unwrap_or_default());
        }
        self.accept_longest(fit.into_iter().map(|(_, item)| item).collect());
    }

    /// Leaves out what is decided already, what holds a password, and what is beyond the limit. Returns the first value
    /// for each place, and the others, which count if the first is not taken.
    fn split_decided(&mut self, offered: Vec<DraftItem>) -> (Vec<DraftItem>, Vec<DraftItem>) {
        let (mut new, mut later) = (Vec::new(), Vec::new());
        let mut places: BTreeSet<ValuePlace> = BTreeSet::new();
        for item in offered {
            if is_too_long(&item.setting) {
                self.leave(&item.setting.to_string(), &item.place, LeftReason::NotRead(WhyNotRead::TooLong));
                continue;
            }
            let place = value_place(&item.setting);
            if let Some(held) = self.held.get(&place) {
                let value = held.setting.value_text();
                if value != item.setting.value_text() {
                    let why = LeftReason::Decided { value, by: held.place.clone() };
                    self.leave(&item.setting.to_string(), &item.place, why);
                }
            } else if places.contains(&place) {
                later.push(item);
            } else if has_password(&item.setting) {
                self.leave(&item.setting.to_string(), &item.place, LeftReason::HasPassword);
            } else if self.looked_at >= MOST_VALUES {
                self.leave(&item.setting.to_string(), &item.place, LeftReason::TooMany);
            } else {
                self.looked_at += 1;
                places.insert(place);
                new.push(item);
            }
        }
        (new, later)
    }

    /// Leaves out what needs a grant, unless the caller gave it himself.
    fn leave_needing_consent(&mut self, new: Vec<DraftItem>) -> Vec<DraftItem> {
        let suggested: Vec<&DraftItem> = new.iter().filter(|item| item.how != How::Asked).collect();
        if suggested.is_empty() || matches!(self.grant_of(&suggested), Ok(None)) {
            return new;
        }
        let mut kept = Vec::new();
        for item in new {
            // A value that can't be read alone is judged beside the others.
            let grant = match item.how {
                How::Asked => None,
                How::Mapped | How::Guessed => self.grant_of(&[&item]).unwrap_or_else(|_| self.grant_beside(&item)),
            };
            match grant {
                Some(kind) => self.leave(&item.setting.to_string(), &item.place, LeftReason::NeedsGrant(kind)),
                None => kept.push(item),
            }
        }
        kept
    }

    /// The first grant that values need by themselves.
    fn grant_of(&self, items: &[&DraftItem]) -> Result<Option<GrantKind>, ManifestError> {
        Ok(self.host.first_grant(&self.read_alone(items)?))
    }

    /// The first grant that a value needs beside the values that files suggest. None of those needs one.
    fn grant_beside(&self, item: &DraftItem) -> Option<GrantKind> {
        let suggested = self.items.iter().filter(|item| item.how != How::Asked).chain([item]);
        self.grant_of(&suggested.collect::<Vec<_>>()).ok().flatten()
    }

    /// Reads values as a manifest of their own.
    fn read_alone(&self, items: &[&DraftItem]) -> Result<Manifest, ManifestError> {
        let items: Vec<DraftItem> = items.iter().map(|item| (*item).clone()).collect();
        let any = self.vocabulary.ids().first().and_then(|id| id.parse::<FrameworkId>().ok()).map(|id| {
            let place = DraftPlace::whole("");
            (id, DraftFramework { version: VersionRequest::any(), with: [].into(), place, how: How::Guessed })
        });
        self.parse(&draft_text::write_manifest(&self.name, &any.into_iter().collect(), &items))
    }

    fn problem_alone(&self, item: &DraftItem) -> Option<String> {
        first_problem(&self.read_alone(&[item]).err()?)
    }

    /// The first problem of the manifest with these values, too.
    fn problem_with(&self, new: &[DraftItem]) -> Option<String> {
        let items = [&self.items[..], new].concat();
        let text = draft_text::write_manifest(&self.name, &self.frameworks, &items);
        first_problem(&self.parse(&text).err()?)
    }

    /// Takes the values one after the other, without those that the values before them exclude.
    fn accept_longest(&mut self, mut new: Vec<DraftItem>) {
        for _ in 0..MOST_CLASHES {
            if self.problem_with(&new).is_none() {
                return self.accept(new);
            }
            // The first values that fit together, by halving.
            let (mut fit, mut clash) = (0, new.len());
            while clash - fit > 1 {
                let middle = fit + (clash - fit) / 2;
                if self.problem_with(&new[..middle]).is_none() { fit = middle } else { clash = middle }
            }
            let mut rest = new.split_off(fit);
            self.accept(new);
            let first = rest.remove(0);
            let problem = self.problem_with(std::slice::from_ref(&first)).unwrap_or_default();
            self.refuse(&first, problem);
            new = rest;
        }
        if let Some(problem) = self.problem_with(&new) {
            for item in &new {
                self.refuse(item, problem.clone());
            }
        } else {
            self.accept(new);
        }
    }

    fn accept(&mut self, new: Vec<DraftItem>) {
        for item in new {
            self.held.insert(value_place(&item.setting), item.clone());
            self.items.push(item);
        }
    }

    fn refuse(&mut self, item: &DraftItem, problem: String) {
        self.leave(&item.setting.to_string(), &item.place, LeftReason::Refused(problem));
    }
}

/// Whether a value is too long. What a draft leaves out of a file (`skip`) is the draft's own, and has a limit there.
fn is_too_long(setting: &KeySetting) -> bool {
    setting.key != "requirements" && setting.value_text().len() > LONGEST_VALUE
}

/// Whether a value has an address with a name or a password.
fn has_password(setting: &KeySetting) -> bool {
    let text = setting.to_string();
    redacted(&text) != text
}
