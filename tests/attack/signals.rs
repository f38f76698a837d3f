//! Ends in the middle: SIGTERM, SIGHUP, SIGKILL, and what they leave.
