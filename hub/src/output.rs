//! Output files: they are written beside and renamed, so that a build that dies leaves what was there.

use crate::failure::{Failure, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is being written.
pub(crate) struct Output {
    to: Option<Sink>,
    beside: PathBuf,
    path: PathBuf,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Output {
    /// Starts a file, gzipped if it is called so.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".unfinished");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside).map_err(|error| Failure::at(&beside, &error))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let gzip = path.extension().is_some_and(|extension| extension == "gz");
        let to = if gzip { Sink::Gzip(Box::new(GzEncoder::new(file, Compression::new(6)))) } else { Sink::Plain(file) };
        Ok(Self { to: Some(to), beside, path: path.to_owned() })
    }

    /// Ends the file and gives it its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        let end = |sink: Option<Sink>| match sink {
            Some(Sink::Gzip(file)) => file.finish()?.flush(),
            Some(Sink::Plain(mut file)) => file.flush(),
            None => Ok(()),
        };
        end(self.to.take())
            .and_then(|()| fs::rename(&self.beside, &self.path))
            .map_err(|error| Failure::at(&self.path, &error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            Some(Sink::Gzip(file)) => file.write(bytes),
            Some(Sink::Plain(file)) => file.write(bytes),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.to.take().is_some() {
            // What is left of it is of no use, and there is nobody to tell.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Refuses an output that can't be written, or that would lie among the inputs, before the work begins.
pub(crate) fn check(path: &Path, places: &[String]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::metadata(folder).map_err(|error| Failure::at(folder, &error))?;
    if crate::inputs::hold(places, path) {
        return Err(Failure::input(format!("{}: lies in the dump that is read; write it elsewhere", path.display())));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if [".json", ".json.gz", ".parquet"].iter().any(|end| name.ends_with(end)) {
        return Ok(());
    }
    Err(Failure::input(format!(
        "{}: expected a name in .json, .json.gz (a snapshot) or .parquet (tuples)",
        path.display()
    )))
}
