//! Locks that name what the compatibility data never gave.
