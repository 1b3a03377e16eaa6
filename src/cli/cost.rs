//! What work costs: CPU time and memory of the process.

use std::fs;
use std::time::Instant;

/// Counts CPU time, which other programs disturb little, or time where the system does not tell.
pub(crate) struct Stopwatch {
    started: Instant,
    cpu: Option<f64>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_seconds() }
    }

    pub(crate) fn seconds(&self) -> f64 {
        match self.cpu.zip(cpu_seconds()) {
            Some((before, now)) => now - before,
            None => self.started.elapsed().as_secs_f64(),
        }
    }
}

/// CPU time of all threads, on Linux.
fn cpu_seconds() -> Option<f64> {
    let of_thread = |folder: fs::DirEntry| {
        let text = fs::read_to_string(folder.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let nanoseconds: Option<f64> = threads.map(|folder| of_thread(folder.ok()?)).sum();
    nanoseconds.filter(|&sum| sum > 0.0).map(|sum| 1e-9 * sum)
}

/// A value of the process's status in MB, on Linux.
pub(crate) fn memory(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
