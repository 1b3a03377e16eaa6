//! Progress on stderr, when that is a terminal.

use eyas::methods::{BoxFuture, Observer, Progress};
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Shows progress in a line that is rewritten in place.
pub(crate) struct Meter {
    label: String,
    shown: bool,
    started: Instant,
    last: Option<Instant>,
}

impl Meter {
    /// A meter for work of this name.
    pub(crate) fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), shown: std::io::stderr().is_terminal(), started: Instant::now(), last: None }
    }

    fn draw(&mut self, progress: &Progress) {
        if !self.shown || self.last.is_some_and(|last| last.elapsed() < Duration::from_millis(100)) {
            return;
        }
        self.last = Some(Instant::now());
        let validation = progress.validation.map_or(String::new(), |v| format!(", validation {v:.4}"));
        let seconds = self.started.elapsed().as_secs();
        let loss = if progress.loss.is_finite() { format!(", loss {:.4}", progress.loss) } else { String::new() };
        eprint!("\r\x1b[K{}: epoch {}{loss}{validation}, {seconds} s", self.label, progress.epoch);
        let _ = std::io::stderr().flush();
    }
}

impl Observer for Meter {
    fn now(&self) -> Option<f64> {
        Some(self.started.elapsed().as_secs_f64())
    }

    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        self.draw(progress);
        Box::pin(std::future::ready(ControlFlow::Continue(())))
    }
}

/// An observer that measures time and shows nothing.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Observer for Clock {
    fn now(&self) -> Option<f64> {
        Some(self.0.elapsed().as_secs_f64())
    }

    fn report<'a>(&'a mut self, _progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        Box::pin(std::future::ready(ControlFlow::Continue(())))
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.last.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
