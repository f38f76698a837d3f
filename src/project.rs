//! Finds `envctl.toml`; reads and atomically writes manifest, lock and state paths.
