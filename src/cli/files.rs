//! Reading files, with limits and errors that name them.

use super::warn;
use eyas::error::{Error, Place, Result};
use eyas::formats::{self, Columns, Report, Source};
use eyas::snapshot::Snapshot;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The name of a file in errors.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Whether a path stands for the standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The bytes of a file, up to a limit that depends on the free memory; `-` is the standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let place = || Place::source(path.display().to_string());
    if is_stdin(path) {
        let limit = most_bytes().min(2 << 30);
        return read_within(&mut io::stdin().lock(), limit, true).map_err(|error| error.at(place()));
    }
    let failed = |error: io::Error| Error::input(error.to_string()).at(place());
    let mut file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    // A folder may have many small files, for which the free memory need not be looked up.
    let limit = match about.is_file() {
        true if about.len() <= LEAST => LEAST,
        true => most_bytes(),
        false => most_bytes().min(2 << 30),
    };
    if about.is_file() && about.len() > limit {
        return Err(too_large(limit).at(place()));
    }
    read_within(&mut file, limit, !about.is_file()).map_err(|error| error.at(place()))
}

/// Reads to the end, in pieces. A stream may have no end, so it is refused at the first piece that is neither text nor
/// a known kind of file.
pub(crate) fn read_within(file: &mut impl Read, limit: u64, stream: bool) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let count = match file.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::input(error.to_string())),
        };
        if bytes.is_empty() && stream && piece[..count].contains(&0) && !KNOWN.iter().any(|m| piece.starts_with(m)) {
            return Err(Error::input("neither text nor a known kind of file"));
        }
        if (bytes.len() + count) as u64 > limit || bytes.try_reserve(count).is_err() {
            return Err(too_large(limit));
        }
        bytes.extend(&piece[..count]);
    }
}

const PIECE: usize = 1 << 20;

/// The size up to which every file is read.
const LEAST: u64 = 256 << 20;

/// The first bytes of files that may hold zero bytes: gzip, Parquet, zip (workbooks), older workbooks, saved models,
/// UTF-16, zstd.
const KNOWN: [&[u8]; 8] = [
    &[0x1f, 0x8b],
    b"PAR1",
    b"PK",
    &[0xd0, 0xcf, 0x11, 0xe0],
    b"EYAS",
    &[0xff, 0xfe],
    &[0xfe, 0xff],
    &[0x28, 0xb5, 0x2f, 0xfd],
];

pub(crate) fn too_large(limit: u64) -> Error {
    Error::input(format!("larger than {} MiB, the most that the memory here has room for; split it", limit >> 20))
}

pub(crate) fn too_large_together(limit: u64) -> Error {
    let limit = limit >> 20;
    Error::input(format!(
        "with this file there are more than {limit} MiB, the most that the memory here has room for; import parts"
    ))
}

/// The maximum size of a file of results: a quarter of the free memory, since the parsed results are larger; 2 GiB if
/// the free memory is unknown, and never less than 256 MiB.
pub(crate) fn most_bytes() -> u64 {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok();
    let free = meminfo.as_deref().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    free.map_or(2 << 30, |kib| (kib << 10) / 4).max(LEAST)
}

/// The text of a file, or of stdin for `-`. Reads no more than the maximum length of a pasted text.
pub(crate) fn read_text(path: &Path) -> Result<(String, String)> {
    let most = formats::LONGEST_TEXT as u64 + 1;
    let mut bytes = Vec::new();
    let (name, read) = if path == Path::new("-") {
        ("stdin".to_owned(), io::stdin().lock().take(most).read_to_end(&mut bytes))
    } else {
        (name(path), File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)))
    };
    read.map_err(|error| {
        let place = if path == Path::new("-") { name.clone() } else { path.display().to_string() };
        Error::input(error.to_string()).at(Place::source(place))
    })?;
    if bytes.len() as u64 == most {
        // The limit may cut a character in two.
        return Ok((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        Error::input("not UTF-8 text; save it as UTF-8").at(Place::source(name.clone()).line(line as u64 + 1))
    })?;
    Ok((name, text))
}

/// Files that accompany the results.
#[derive(Clone, Copy, Default)]
pub(crate) struct Companions<'a> {
    pub(crate) lineage: Option<&'a Path>,
    pub(crate) model_factors: Option<&'a Path>,
    pub(crate) task_factors: Option<&'a Path>,
}

impl<'a> Companions<'a> {
    /// The paths that are given.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'a Path> + use<'a> {
        [self.lineage, self.model_factors, self.task_factors].into_iter().flatten()
    }
}

/// A file of results.
pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Whether it may be left out with a warning if it holds no results.
    pub(crate) optional: bool,
}

impl Content {
    fn read(path: &Path) -> Result<Self> {
        Ok(Self { name: name(path), bytes: read(path)?, optional: false })
    }

    fn source(&self) -> Source<'_> {
        Source { name: &self.name, bytes: &self.bytes, optional: self.optional }
    }
}

/// One snapshot from these files and their companions, and what was understood; prints warnings.
pub(crate) fn import(files: &[Content], companions: &Companions<'_>, columns: &Columns) -> Result<(Snapshot, Report)> {
    let Companions { lineage, model_factors, task_factors } = *companions;
    let companions = [lineage, model_factors, task_factors].map(|path| path.map(Content::read).transpose());
    let [lineage, model_factors, task_factors] = companions;
    let (lineage, model_factors, task_factors) = (lineage?, model_factors?, task_factors?);
    let sources: Vec<_> = files.iter().map(Content::source).collect();
    let companions = formats::Companions {
        lineage: lineage.as_ref().map(Content::source),
        model_factors: model_factors.as_ref().map(Content::source),
        task_factors: task_factors.as_ref().map(Content::source),
        columns: Some(columns),
    };
    let imported = formats::import(&sources, &companions)?;
    warn(&imported.warnings);
    Ok((imported.snapshot, imported.report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_there_is_room_for() {
        let read = |bytes: &[u8], limit, stream| read_within(&mut &bytes[..], limit, stream);
        assert_eq!(read(b"abc", 3, true).unwrap(), b"abc");
        assert!(read(b"abcd", 3, false).unwrap_err().message().starts_with("larger than 0 MiB"));
        assert_eq!(read(b"a\0b", 9, false).unwrap(), b"a\0b");
        assert_eq!(read(b"EYAS\0", 9, true).unwrap(), b"EYAS\0");
        assert!(read_within(&mut io::repeat(0), u64::MAX, true).is_err());
        assert!(read_within(&mut io::repeat(b'7'), 3 << 20, true).is_err());
    }
}
