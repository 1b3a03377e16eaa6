//! Progress on stderr, one line a step, if that is a terminal.

use std::io::{IsTerminal, Write};
use std::time::Instant;

/// The steps so far.
pub(crate) struct Progress {
    shown: bool,
    count: usize,
    since: Instant,
}

impl Progress {
    /// `always`: also where stderr is no terminal.
    pub(crate) fn new(always: bool) -> Self {
        Self { shown: always || std::io::stderr().is_terminal(), count: 0, since: Instant::now() }
    }

    pub(crate) fn started(&mut self, name: &str) {
        self.count += 1;
        self.since = Instant::now();
        self.say(&format!("{:>2}  {name} …", self.count), false);
    }

    pub(crate) fn finished(&mut self, name: &str) {
        let seconds = self.since.elapsed().as_secs_f64();
        self.say(&format!("\r{:>2}  {name}: {seconds:.1} s", self.count), true);
    }

    /// A step that was finished by an earlier run.
    pub(crate) fn kept(&mut self, name: &str) {
        self.count += 1;
        self.say(&format!("{:>2}  {name}: kept", self.count), true);
    }

    fn say(&self, text: &str, end: bool) {
        if self.shown {
            // Progress that can't be shown is no reason to stop.
            let _ = write!(std::io::stderr(), "{text}{}", if end { "\n" } else { "" });
        }
    }
}
