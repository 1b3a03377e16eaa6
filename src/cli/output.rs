//! Output files: they are written beside their target and then renamed, so that a failure leaves the old file in place.

use eyas::error::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that is being written. Dropping it unfinished removes it.
pub(crate) struct Output {
    shown: PathBuf,
    /// The temporary file and its target; `None` for a device, which is written directly.
    moves: Option<(PathBuf, PathBuf)>,
    file: Option<File>,
}

/// Refuses an output that can't be written before the work starts: a missing folder, a folder, or one of the inputs.
pub(crate) fn check<'a>(path: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
    if path == Path::new("-") {
        return Err(Error::input("can't write to -; name a file, or /dev/stdout"));
    }
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

/// The error of a failed write.
pub(crate) fn failed(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::computation(format!("could not write {}: {error}", path.display()))
}

impl Output {
    /// Starts a file; see [`check`] for what it must satisfy.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let shown = path.to_owned();
        let made = if is_plain(path) {
            // A link stays, and the file that it leads to is replaced.
            let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            beside(&target).map(|(file, passing)| (file, Some((passing, target))))
        } else {
            device(path).map(|file| (file, None))
        };
        let (file, moves) = made.map_err(|error| failed(path, &error))?;
        Ok(Self { shown, moves, file: Some(file) })
    }

    /// Moves the complete file to its target.
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
            // The file may not exist; other errors can't be reported here.
            drop(fs::remove_file(passing));
        }
    }
}

/// A device, a pipe, or the target of a dangling link. Stdout is duplicated, since it may be a file with earlier
/// output.
fn device(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    if path == Path::new("/dev/stdout") {
        use std::os::fd::AsFd;
        return Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?));
    }
    File::create(path)
}

/// A new file with another name in the same folder.
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

/// Whether the path is a regular file or free, and no device, pipe or dangling link.
fn is_plain(path: &Path) -> bool {
    // `/dev/stdout` may lead to a file that other processes write, too.
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

/// Whether two paths lead to one file, also through links of either kind.
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
    fn an_unfinished_output_leaves_the_old_file() {
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
