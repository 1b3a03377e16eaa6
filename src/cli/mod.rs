//! The command line: arguments, files and printing. Errors go to stderr as one line; exit 2 for bad input, 1 for a failure.

mod analyse;
mod arguments;
mod atlas;
mod backtest;
mod bench;
mod bench_default;
mod bench_ranker;
mod boards;
mod card;
mod cost;
mod explain;
mod fetch;
mod files;
mod folder;
mod import;
mod inputs;
mod inspect;
mod output;
mod predict;
mod progress;
mod recommend;
mod shapes;
mod table;
mod tree;

use arguments::{Arguments, Command};
use clap::Parser;
use eyas::error::{Error, ErrorKind, Result, Warning};
use std::process::ExitCode;

/// Runs the command in the process's arguments.
pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let done = match arguments.command {
        Command::Info(arguments) => inspect::info(&arguments),
        Command::Import(arguments) => import::import(&arguments),
        Command::Boards(arguments) => boards::boards(&arguments),
        Command::Train(arguments) => predict::train(&arguments),
        Command::Predict(arguments) => predict::predict(&arguments),
        Command::Card(arguments) => card::card(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Rank(arguments) => predict::rank(&arguments),
        Command::Recommend(arguments) => recommend::recommend(&arguments),
        Command::Route(arguments) => predict::route(&arguments),
        Command::Next(arguments) => predict::next(&arguments),
        Command::Backtest(arguments) => backtest::backtest(&arguments),
        Command::Analyse(arguments) => analyse::analyse(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", one_line(&error.to_string()));
            ExitCode::from(if error.kind() == ErrorKind::Input { 2 } else { 1 })
        }
    }
}

/// Help and version go to stdout and are no errors; wrong usage is one line on stderr and exit 2.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        print!("{error}");
        return ExitCode::SUCCESS;
    }
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        eprintln!("error: no command; see eyas --help");
        return ExitCode::from(2);
    }
    let text = error.to_string();
    let message = text.split("\n\nUsage:").next().unwrap_or(&text);
    let message = message.strip_prefix("error: ").unwrap_or(message);
    // clap's tip about "--" would turn a mistyped option into a file.
    let parts = message.split("\n\n").map(one_line).filter(|part| !part.starts_with("tip: to pass"));
    eprintln!("error: {}; see eyas --help", parts.collect::<Vec<_>>().join("; "));
    ExitCode::from(2)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints warnings on stderr.
fn warn(warnings: &[Warning]) {
    for warning in warnings {
        eprintln!("warning: {}", one_line(&warning.to_string()));
    }
}

/// Prints one JSON document.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::computation(error.to_string()))?;
    print(&format!("{text}\n"))
}

/// Writes to stdout; a closed reader, such as `head`, is no failure.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::computation(format!("could not write the result: {error}")))
        }
        _ => Ok(()),
    }
}
