//! Observed + desired → plan (pure, a reason per step) → apply.
