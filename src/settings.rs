//! cli + configuration + environment variables → one plain struct per command.
