//! The injection corpus through every key of a manifest.
