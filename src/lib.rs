//! eyas.
