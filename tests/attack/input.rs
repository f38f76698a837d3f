//! Texts that crash, hang or exhaust a parser or the search.
