//! What range a column of scores has.
