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
        let beside = beside(path);
        let file = File::create(&beside).map_err(|error| Failure::at(&beside, &error))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let gzip = path.extension().is_some_and(|extension| extension == "gz");
        let to = if gzip { Sink::Gzip(Box::new(GzEncoder::new(file, Compression::new(6)))) } else { Sink::Plain(file) };
        Ok(Self { to: Some(to), beside, path: path.to_owned() })
    }

    /// Ends the file and gives it its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        let end = |sink: Option<Sink>| {
            let file = match sink {
                Some(Sink::Gzip(file)) => file.finish()?,
                Some(Sink::Plain(file)) => file,
                None => return Ok(()),
            };
            // The name comes after the bytes, also where the machine loses its power.
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
        };
        let ended = end(self.to.take()).and_then(|()| fs::rename(&self.beside, &self.path));
        if ended.is_err() {
            self.remove();
        }
        ended.map_err(|error| Failure::at(&self.path, &error))
    }

    /// What is left of a file is of no use, and there is nobody to tell that it can't be removed.
    fn remove(&self) {
        let _ = fs::remove_file(&self.beside);
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
            self.remove();
        }
    }
}

/// Refuses an output that can't be written, or that would lie among the inputs, before the work begins.
pub(crate) fn check(path: &Path, places: &[String]) -> Result<()> {
    if crate::inputs::hold(places, path) {
        return Err(Failure::input(format!("{}: lies in the dump that is read; write it elsewhere", path.display())));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if ![".json", ".json.gz", ".parquet"].iter().any(|end| name.ends_with(end)) {
        return Err(Failure::input(format!(
            "{}: expected a name in .json, .json.gz (a snapshot) or .parquet (tuples)",
            path.display()
        )));
    }
    if path.is_dir() {
        return Err(Failure::input(format!("{}: is a folder; name a file", path.display())));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Failure::input(format!(
            "{}: there is no folder {}; make it first",
            path.display(),
            folder.display()
        )));
    }
    // What can't be written is told now and not after hours of work. What another build writes there at this time is left.
    let beside = beside(path);
    match File::create_new(&beside).map(drop).and_then(|()| fs::remove_file(&beside)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Failure::at(&beside, &error)),
        _ => Ok(()),
    }
}

/// Where a file is written before it gets its name.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".unfinished");
    PathBuf::from(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_cannot_be_written_is_refused_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |name: &str| check(&folder.path().join(name), &[]).unwrap_err().to_string();
        assert!(refused("no/s.json").contains("there is no folder"));
        fs::create_dir(folder.path().join("d.json")).unwrap();
        assert!(refused("d.json").contains("is a folder"));
        assert!(refused("s.csv").contains("expected a name in .json"));
        check(&folder.path().join("s.json"), &[]).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["d.json"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_leaves_no_half_file() {
        let folder = tempfile::tempdir().unwrap();
        let (path, beside) = (folder.path().join("s.json"), folder.path().join("s.json.unfinished"));
        fs::write(&beside, "half").unwrap();
        let full = BufWriter::new(File::options().write(true).open("/dev/full").unwrap());
        let mut output = Output { to: Some(Sink::Plain(full)), beside: beside.clone(), path: path.clone() };
        output.write_all(b"more").unwrap();
        let failure = output.finish().unwrap_err();
        assert!(matches!(failure, Failure::Work(_)), "{failure}");
        assert!(failure.to_string().contains("s.json") && failure.to_string().contains("run the same command again"));
        assert!(!beside.exists() && !path.exists());
    }
}
