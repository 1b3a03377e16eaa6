//! What Ballista says of its work, on stderr: warnings, and all of it with `--verbose`.

use log::{LevelFilter, Log, Metadata, Record};

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        eprintln!("{} {}: {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

/// Starts to print.
pub(crate) fn start(verbose: bool) {
    // A logger that is set already prints too.
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(if verbose { LevelFilter::Info } else { LevelFilter::Error });
    }
}
