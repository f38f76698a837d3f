//! Links, pipes and endless files in a clone, at every file that is read or written.
