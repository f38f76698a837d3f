//! Hostile build steps, build lines and base images: what they reach of secrets and of caches that others trust.
