//! The commands of this repository, run as `cargo xtask COMMAND`.

mod browser;
mod budgets;
mod build;
mod bundle;
mod bundlers;
mod check;
mod debian;
mod glue;
mod growth;
mod hub;
mod lavapipe;
mod modules;
mod npm;
mod outer;
mod package;
mod panics;
mod peers;
mod python;
mod ranker;
mod release;
mod results;
mod rustc;
mod serve;
mod sites;
mod tally;
mod test;
mod wasm;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

const USAGE: &str = "\
cargo xtask build                       compile the wasm modules into pkg/wasm/, the package into target/package/, the page into dist/
cargo xtask serve [--port N] [--no-open]  build, then serve the page on localhost (port 8080)
cargo xtask check                       formatting, lints, unit and documentation tests, types: the quick part
cargo xtask check --hub                 formatting and lints of the program in hub/, a workspace of its own
cargo xtask test                        everything, with the browser tests; ends with `N passed, M failed`
cargo xtask test --bundlers             the package with many bundlers and frameworks (five minutes)
cargo xtask test --hub                  the program that makes snapshots of a whole hub: lints and tests (fifteen minutes)
cargo xtask release --dry-run           the npm package, the crates and the page, checked, with checksums; publishes nothing
cargo xtask bench ARGS                  eyas bench, in release
cargo xtask bench default [--large]     time and memory of the default method by numbers of models and tasks, with exponents;
                                        large: also on boards that may be too large
cargo xtask bench page                  times of the built page in Chromium
cargo xtask bench ranker                the ranker on all tuples of MTEB and on as many made-up ones, natively and in wasm
cargo xtask bench --peers               our epochs beside PyTorch's and TensorFlow.js's, natively and in wasm
cargo xtask results [--quick] [--only TITLE-PART]… [--method NAME]  run all experiments, or some, and write their sections
                                        of docs/results.md (quick: target/results/quick.md)
cargo xtask results ranker [--quick] [--only TITLE-PART]…  the same for the ranker and its baselines (half an hour)
cargo xtask results boards [--quick] [--only BOARD]…  hold the default method beside tuned baselines on other boards, and write
                                        that section; only some boards: print it (needs python3)";

fn main() -> ExitCode {
    match rustc::stand_in().or_else(outer::leave).unwrap_or_else(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        bail!("no command given; try `cargo xtask help`");
    };
    let sh = Shell::new()?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    sh.change_dir(here.parent().context("xtask/ has no parent folder")?);
    match command.as_str() {
        "build" => none_left(rest).and_then(|()| build::build(&sh))?,
        "serve" => serve::serve(&sh, &serve::Options::parse(rest)?)?,
        "check" if rest == ["--hub"] => return hub::check(&sh),
        "check" => return none_left(rest).and_then(|()| check::check(&sh)),
        "test" if rest == ["--bundlers"] => return bundlers::test(&sh),
        "test" if rest == ["--hub"] => return hub::test(&sh),
        "test" => return none_left(rest).and_then(|()| test::test(&sh)),
        "bench" if rest == ["--peers"] => peers::peers(&sh)?,
        "bench" if rest == ["page"] => browser::bench(&sh)?,
        "bench" if rest == ["ranker"] => ranker::bench(&sh)?,
        "bench" => match growth::asked(rest)? {
            Some(large) => growth::growth(&sh, large)?,
            None => cmd!(sh, "cargo run --release --bin eyas -- bench {rest...}").run()?,
        },
        "release" if rest == ["--dry-run"] => return release::dry_run(&sh),
        "release" => bail!("only `cargo xtask release --dry-run` exists; RELEASING.md says how to publish"),
        "results" => results::results(&sh, rest)?,
        "help" | "--help" | "-h" => println!("{USAGE}"),
        other => bail!("no command named {other:?}; try `cargo xtask help`"),
    }
    Ok(ExitCode::SUCCESS)
}

fn none_left(rest: &[String]) -> Result<()> {
    match rest.first() {
        Some(argument) => bail!("unexpected argument {argument:?}; try `cargo xtask help`"),
        None => Ok(()),
    }
}
