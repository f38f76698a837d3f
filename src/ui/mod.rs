//! Words things for people: printer, progress, errors and hints, JSON.
