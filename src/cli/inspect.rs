//! `info`.

use super::arguments::Info;
use super::table::counted;
use super::{files, print, print_json};
use eyas::error::Result;
use eyas::snapshot::SnapshotInfo;

pub(crate) fn info(arguments: &Info) -> Result<()> {
    let info = SnapshotInfo::of(&files::snapshot(&arguments.snapshot)?);
    if arguments.json { print_json(&info) } else { print(&describe(&info)) }
}

pub(super) fn describe(info: &SnapshotInfo) -> String {
    format!(
        "{} models × {} tasks ({} cells, {:.1} % observed, kind {}), {}\nsource: {}\nlicense: {}\n",
        info.models,
        info.tasks,
        info.cells,
        100.0 * info.density,
        info.kind,
        counted(info.edges as u64, "lineage edge"),
        info.source,
        info.license
    )
}
