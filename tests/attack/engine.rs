//! Engines that never answer, and environments that try to reach each other.
