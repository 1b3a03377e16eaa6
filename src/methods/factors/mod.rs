//! Features of models and tasks for the methods that use factors.

pub(super) mod encoding;
pub(super) mod words;
