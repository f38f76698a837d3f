//! One file per verb: load, call, report.
