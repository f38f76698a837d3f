//! Python packages: `uv` resolves the whole closure before the build, for the target platform.

pub mod tool;
