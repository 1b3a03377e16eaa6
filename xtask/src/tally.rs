//! Counts passed and failed tests over several test runners, and shows their output as it arrives.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use xshell::Cmd;

/// Tests (or whole checks, which count as one) by outcome.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// The sum over all steps of a run.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Counts,
    failures: Vec<String>,
    times: Vec<(String, Duration)>,
}

impl Tally {
    /// A check without tests inside: one pass or one failure. Returns whether it passed.
    pub(crate) fn step(&mut self, name: &str, run: impl FnOnce() -> Result<()>) -> bool {
        println!("\n== {name}");
        let begun = Instant::now();
        let failed = match run() {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("xtask: {error:#}");
                1
            }
        };
        self.add(name, Counts { passed: 1 - failed, failed, skipped: 0 }, begun);
        failed == 0
    }

    /// Runs a test runner and counts its tests by the summary lines that it prints.
    pub(crate) fn suite(&mut self, name: &str, command: Cmd<'_>) -> Result<()> {
        println!("\n== {name}");
        let begun = Instant::now();
        let mut counts = Counts::default();
        let mut child = Command::from(command)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        let output = child.stdout.take().context("the output was not piped")?;
        for line in BufReader::new(output).lines() {
            let line = line.with_context(|| format!("cannot read the output of the {name}"))?;
            println!("{line}");
            counts.read_line(&line);
        }
        // A runner that fails without a failed test did not compile, or crashed.
        if !child.wait()?.success() && counts.failed == 0 {
            counts.failed = 1;
        }
        self.add(name, counts, begun);
        Ok(())
    }

    /// Prints the time of each step and the sum; the last line is `N passed, M failed`.
    pub(crate) fn finish(&self) -> ExitCode {
        let Counts { passed, failed, skipped } = self.counts;
        println!("\n{}", self.table());
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        if skipped > 0 {
            println!(
                "{skipped} skipped{}",
                if has_data() { "" } else { ": EYAS_DATA does not name the folder of real data" }
            );
        }
        println!("{passed} passed, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn table(&self) -> String {
        let seconds = |time: Duration| format!("{:>6.0} s", time.as_secs_f64());
        let lines = self.times.iter().map(|(name, time)| format!("{}  {name}\n", seconds(*time)));
        let whole = self.times.iter().map(|(_, time)| *time).sum();
        format!("{}{}  in all\n", lines.collect::<String>(), seconds(whole))
    }

    fn add(&mut self, name: &str, counts: Counts, begun: Instant) {
        self.times.push((name.to_owned(), begun.elapsed()));
        self.counts.passed += counts.passed;
        self.counts.failed += counts.failed;
        self.counts.skipped += counts.skipped;
        if counts.failed > 0 {
            self.failures.push(format!("{name} ({})", counts.failed));
        }
    }
}

impl Counts {
    /// Adds the counts of a summary line of cargo's or node's test runner; other lines are ignored.
    fn read_line(&mut self, line: &str) {
        if let Some((_, counts)) = line.split_once("test result: ").and_then(|(_, rest)| rest.split_once(". ")) {
            for part in counts.split("; ") {
                if let Some((number, outcome)) = part.split_once(' ') {
                    self.count(outcome, number);
                }
            }
        } else if let Some(("", rest)) = line.split_once("ℹ ")
            && let Some((outcome, number)) = rest.split_once(' ')
        {
            self.count(outcome, number);
        }
    }

    fn count(&mut self, outcome: &str, number: &str) {
        let number = number.parse().unwrap_or(0);
        match outcome {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "cancelled" => self.failed += number,
            "ignored" | "skipped" => self.skipped += number,
            _ => {}
        }
    }
}

/// Whether the tests on real data can run.
pub(crate) fn has_data() -> bool {
    std::env::var_os("EYAS_DATA").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Counts {
        let mut counts = Counts::default();
        lines.lines().for_each(|line| counts.read_line(line));
        counts
    }

    #[test]
    fn times_are_listed_with_their_sum() {
        let times = [("lints", 61), ("tests", 9)].map(|(name, time)| (name.to_owned(), Duration::from_secs(time)));
        let tally = Tally { times: times.into(), ..Tally::default() };
        assert_eq!(tally.table(), "    61 s  lints\n     9 s  tests\n    70 s  in all\n");
    }

    #[test]
    fn both_runners_are_counted() {
        let cargo = "running 4 tests\n\
            test a ... FAILED\n\
            test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: ok. 10 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 1.00s";
        assert_eq!(read(cargo), Counts { passed: 12, failed: 1, skipped: 1 });
        let node = "✔ loads (9 ms)\nℹ tests 7\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 0";
        assert_eq!(read(node), Counts { passed: 3, failed: 2, skipped: 2 });
    }
}
