//! Reading and writing files, with errors that name them.

use super::warn;
use eyas::error::{Error, Place, Result};
use eyas::formats::{self, Companions, Source};
use eyas::snapshot::Snapshot;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name under which errors speak of a file.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::input(error.to_string()).at(Place::source(path.display().to_string())))
}

/// The text of a file, or of stdin for `-`.
pub(crate) fn read_text(path: &Path) -> Result<(String, String)> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_STDIN).read_to_end(&mut bytes);
        read.map_err(|error| Error::input(error.to_string()).at(Place::source("stdin")))?;
        ("stdin".to_owned(), bytes)
    } else {
        (name(path), read(path)?)
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Error::input("not UTF-8 text; save it as UTF-8").at(Place::source(name.clone()).line(line as u64 + 1))
    })?;
    Ok((name, text))
}

const MAX_STDIN: u64 = 64 << 20;

/// Writes a file whole.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes)
        .map_err(|error| Error::input(error.to_string()).at(Place::source(path.display().to_string())))
}

/// One snapshot of these files and what goes with them; repairs are shown.
pub(crate) fn import(
    files: &[PathBuf],
    lineage: Option<&Path>,
    model_factors: Option<&Path>,
    task_factors: Option<&Path>,
) -> Result<Snapshot> {
    let load = |path: &Path| Ok::<_, Error>((name(path), read(path)?));
    let files = files.iter().map(|path| load(path)).collect::<Result<Vec<_>>>()?;
    let companions = [lineage, model_factors, task_factors].map(|path| path.map(load).transpose());
    let [lineage, model_factors, task_factors] = companions;
    let (lineage, model_factors, task_factors) = (lineage?, model_factors?, task_factors?);
    fn source((name, bytes): &(String, Vec<u8>)) -> Source<'_> {
        Source { name, bytes }
    }
    let sources: Vec<_> = files.iter().map(source).collect();
    let companions = Companions {
        lineage: lineage.as_ref().map(source),
        model_factors: model_factors.as_ref().map(source),
        task_factors: task_factors.as_ref().map(source),
    };
    let imported = formats::import(&sources, &companions)?;
    warn(&imported.warnings);
    Ok(imported.snapshot)
}

/// The snapshot in one file.
pub(crate) fn snapshot(path: &Path) -> Result<Snapshot> {
    import(&[path.to_owned()], None, None, None)
}
