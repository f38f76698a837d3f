//! State, keys, containers and networks removed, renamed or filled with junk by hand.
