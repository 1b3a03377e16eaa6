//! The project's own form of a snapshot, `eyas-snapshot/1`.
