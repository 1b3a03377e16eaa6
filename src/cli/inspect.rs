//! `info` and `import`.

use super::arguments::{Import, Info};
use super::table::counted;
use super::{files, output, print, print_json};
use eyas::error::Result;
use eyas::snapshot::SnapshotInfo;
use std::path::PathBuf;

pub(crate) fn info(arguments: &Info) -> Result<()> {
    let info = SnapshotInfo::of(&files::snapshot(&arguments.snapshot)?);
    if arguments.json { print_json(&info) } else { print(&describe(&info)) }
}

pub(crate) fn import(arguments: &Import) -> Result<()> {
    let [lineage, model_factors, task_factors] =
        [&arguments.lineage, &arguments.model_factors, &arguments.task_factors].map(|path| path.as_deref());
    let inputs = arguments.files.iter().map(PathBuf::as_path);
    output::check(&arguments.output, inputs.chain([lineage, model_factors, task_factors].into_iter().flatten()))?;
    let snapshot = files::import(&arguments.files, lineage, model_factors, task_factors)?;
    let json = eyas::snapshot::write_json(&snapshot)?;
    let name = files::name(&arguments.output);
    output::write(&arguments.output, &eyas::formats::pack(&name, json)?)?;
    print(&format!("{}wrote {}\n", describe(&SnapshotInfo::of(&snapshot)), arguments.output.display()))
}

fn describe(info: &SnapshotInfo) -> String {
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
