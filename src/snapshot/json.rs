//! The project's own form of a snapshot, `eyas-snapshot/1`.
use super::Snapshot;
use crate::error::{Result, Warning};
pub fn write_json(_: &Snapshot) -> Result<Vec<u8>> {
    unimplemented!()
}
pub fn read_json(_: &[u8]) -> Result<(Snapshot, Vec<Warning>)> {
    unimplemented!()
}
