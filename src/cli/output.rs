//! Files that commands write: beside the place where they go, then renamed, so that a failure leaves what was there.

use eyas::error::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that is being written. What is dropped unfinished leaves nothing.
pub(crate) struct Output {
    shown: PathBuf,
    /// Where the bytes go until they are all there, and where they belong then; none where they go straight to a device.
    moves: Option<(PathBuf, PathBuf)>,
    file: Option<File>,
}

/// Refuses an output that could not be written, before the work whose result it is: one in a folder that is not there,
/// a folder, or one of the inputs.
pub(crate) fn check<'a>(path: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
    if path.is_dir() {
        return Err(Error::input(format!("{} is a folder; name a file in it", path.display())));
    }
    if path.file_name().is_none() {
        return Err(Error::input(format!("{} names no file to write", path.display())));
    }
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(Error::input(format!("can't write {}: there is no folder {}", path.display(), folder.display())));
    }
    if is_plain(path) && inputs.into_iter().any(|input| is_same(path, input)) {
        return Err(Error::input(format!("the output is the input: {}; name another file", path.display())));
    }
    Ok(())
}

/// Writes a file whole.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut output = Output::create(path)?;
    output.write_all(bytes).map_err(|error| failed(path, &error))?;
    output.finish()
}

/// What a failed write is told as.
pub(crate) fn failed(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::computation(format!("could not write {}: {error}", path.display()))
}

impl Output {
    /// Starts a file; see [`check`] for what it must satisfy.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let shown = path.to_owned();
        let made = if is_plain(path) {
            // What a link leads to is replaced, not the link.
            let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            beside(&target).map(|(file, passing)| (file, Some((passing, target))))
        } else {
            device(path).map(|file| (file, None))
        };
        let (file, moves) = made.map_err(|error| failed(path, &error))?;
        Ok(Self { shown, moves, file: Some(file) })
    }

    /// Puts the whole file in its place.
    pub(crate) fn finish(mut self) -> Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let settle = || -> io::Result<()> {
            let Some((passing, target)) = &self.moves else { return Ok(()) };
            file.sync_all()?;
            if let Ok(before) = fs::metadata(target) {
                fs::set_permissions(passing, before.permissions())?;
            }
            drop(file);
            fs::rename(passing, target)
        };
        settle().map_err(|error| failed(&self.shown, &error))?;
        self.moves = None;
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.file = None;
        if let Some((passing, _)) = &self.moves {
            // It may never have been made; there is nobody to tell of anything else.
            drop(fs::remove_file(passing));
        }
    }
}

/// A device, a pipe or what a dangling link names. Stdout is the one that there is: it may be a file that has begun.
fn device(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    if path == Path::new("/dev/stdout") {
        use std::os::fd::AsFd;
        return Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?));
    }
    File::create(path)
}

/// A new file of another name in the same folder.
fn beside(target: &Path) -> io::Result<(File, PathBuf)> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut end = name.len().min(150);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    for attempt in 0.. {
        let passing = folder(target).join(format!(".{}.{}-{attempt}.tmp", &name[..end], std::process::id()));
        match File::create_new(&passing) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {}
            made => return made.map(|file| (file, passing)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Whether a file is there, or none, but no device, pipe or dangling link.
fn is_plain(path: &Path) -> bool {
    // `/dev/stdout` may lead to a file that others write too.
    if path.starts_with("/dev") || path.starts_with("/proc") {
        return false;
    }
    match fs::metadata(path) {
        Ok(about) => about.is_file(),
        Err(_) => fs::symlink_metadata(path).is_err(),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether two paths lead to one file, by links of either kind too.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(one), fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt;
        return (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_not_finished_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "before").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), names(folder.path())),
            ("before", vec!["a.json".into()])
        );
        write(&path, b"after").unwrap();
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), names(folder.path())),
            ("after", vec!["a.json".into()])
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_of_both_kinds_lead_to_the_file_itself() {
        let folder = tempfile::tempdir().unwrap();
        let [file, soft, hard] = ["a.csv", "soft.csv", "hard.csv"].map(|name| folder.path().join(name));
        fs::write(&file, "x").unwrap();
        std::os::unix::fs::symlink(&file, &soft).unwrap();
        fs::hard_link(&file, &hard).unwrap();
        for output in [&soft, &hard, &file] {
            let message = check(output, [file.as_path()]).unwrap_err().to_string();
            assert!(message.starts_with("the output is the input"), "{message}");
        }
        check(&folder.path().join("new.csv"), [file.as_path()]).unwrap();
        write(&soft, b"y").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "y");
        assert!(fs::symlink_metadata(&soft).unwrap().is_symlink());
    }
}
