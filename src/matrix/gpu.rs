//! Finds the row of a GPU by the GPU's name.
//!
//! The comparison ignores the words that do not decide the chip.

use std::collections::BTreeMap;

use super::rows::GpuRow;
use super::{Matrix, ProductName};

/// Every name and alias, with the index of its row.
fn names(rows: &[GpuRow]) -> BTreeMap<ProductName, usize> {
    let row = |(index, row): (usize, &GpuRow)| {
        let all = std::iter::once(&row.name).chain(&row.aliases).map(|name| (ProductName::of(name), index));
        all.collect::<Vec<_>>()
    };
    rows.iter().enumerate().flat_map(row).collect()
}

impl Matrix {
    /// The product that `name` means, in a user's form (`RTX 3090`) or in the driver's form (`NVIDIA A100-SXM4-80GB`).
    /// A mobile part without its own row counts as the desktop part.
    #[must_use]
    pub fn gpu(&self, name: &str) -> Option<&GpuRow> {
        let wanted = ProductName::of(name);
        self.gpu_exactly(&wanted).or_else(|| self.gpu_exactly(&wanted.desktop()))
    }

    fn gpu_exactly(&self, wanted: &ProductName) -> Option<&GpuRow> {
        let names = self.gpu_names.get_or_init(|| names(self.gpus()));
        let index = wanted.spellings().find_map(|name| names.get(&name))?;
        self.gpus().get(*index)
    }

    /// The products with the most similar names, most similar first.
    #[must_use]
    pub fn gpus_like(&self, name: &str) -> Vec<&GpuRow> {
        const SHOWN: usize = 4;
        const NEAR: f64 = 0.85;
        let wanted = ProductName::of(name);
        let scored = self.gpus().iter().map(|row| (ProductName::of(&row.name).likeness(&wanted), row));
        let mut near = scored.filter(|(likeness, _)| *likeness >= NEAR).collect::<Vec<_>>();
        near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        near.into_iter().take(SHOWN).map(|(_, row)| row).collect()
    }
}
