//! `eyas-hub`: snapshots out of millions of models, by a query on DataFusion in this process or on a Ballista cluster.

mod build;
mod cluster;
mod columns;
mod cursor;
mod engine;
mod failure;
mod functions;
mod generate;
mod inputs;
mod lines;
mod logging;
mod output;
mod progress;
mod relations;
mod remote;
mod report;
mod snapshot;
mod steps;
mod tasks;

use build::Build;
use clap::{Args, Parser, Subcommand};
use engine::{Limits, Where};
use failure::{Failure, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Builds eyas snapshots from dumps of a model hub.
#[derive(Parser)]
#[command(name = "eyas-hub", version)]
struct Arguments {
    /// Print what the engine says of its work.
    #[arg(long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build a snapshot from a dump.
    Build(BuildArguments),
    /// Run the scheduler of a cluster.
    Scheduler(SchedulerArguments),
    /// Run an executor of a cluster.
    Executor(ExecutorArguments),
    /// Make up a dump whose truth is known.
    Generate(generate::Generate),
}

#[derive(Args)]
struct BuildArguments {
    /// The folder of the dump, with models/, results/ and tables/ in it: a path, s3://, gs://, http:// or https://. Or a file, with
    /// what it is: models=PATH, results=URL. May be given several times.
    #[arg(long, value_name = "PLACE", required = true)]
    from: Vec<String>,
    /// The models of the snapshot: a condition in SQL on id, organization, family, date, params, license, downloads, likes,
    /// pipeline, quantized, results and listed.
    #[arg(long = "where", value_name = "SQL", default_value = "results >= 1")]
    selected: String,
    /// The results that count: a condition in SQL on model, dataset, subset, split, metric, task, date, source, measured_by,
    /// items and value.
    #[arg(long = "where-results", value_name = "SQL", default_value = "true")]
    selected_results: String,
    /// Generations of ancestors that are kept.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=50))]
    depth: u16,
    /// Where the plan runs: df://HOST:PORT of a scheduler, or `standalone` for a cluster within this process.
    #[arg(long, value_name = "ADDRESS")]
    scheduler: Option<String>,
    /// The folder for what is found on the way, by which a build that was stopped goes on. A cluster's machines must all see it.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// Keep that folder after the build.
    #[arg(long)]
    keep_work: bool,
    #[command(flatten)]
    limits: LimitArguments,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Show progress even where stderr is no terminal.
    #[arg(long)]
    progress: bool,
    /// The snapshot (.json, .json.gz), or its results as tuples (.parquet).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Args)]
struct LimitArguments {
    /// Memory for sorting and joining in MiB; more spills to the disk.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(64..))]
    memory: u64,
    /// Threads; all of the machine by default.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl LimitArguments {
    fn limits(&self) -> Result<Limits> {
        let machine = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = self.threads.unwrap_or(machine);
        let memory = usize::try_from(self.memory << 20).map_err(|_| Failure::input("--memory: too much"))?;
        if threads == 0 {
            return Err(Failure::input("--threads: expected at least 1"));
        }
        Ok(Limits { memory, threads })
    }
}

#[derive(Args)]
struct SchedulerArguments {
    /// The address to listen on.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:50050")]
    bind: SocketAddr,
    /// The name by which executors reach this machine.
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    external_host: String,
}

#[derive(Args)]
struct ExecutorArguments {
    /// The scheduler, HOST:PORT.
    #[arg(long, value_name = "ADDRESS", default_value = "localhost:50050")]
    scheduler: String,
    /// The address to listen on; the next port is used too.
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:50051")]
    bind: SocketAddr,
    /// The name by which others reach this machine.
    #[arg(long, value_name = "HOST")]
    external_host: Option<String>,
    /// The folder for intermediate data.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArguments,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start(arguments.verbose);
    // Plans are deep trees.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(32 << 20).build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(async {
                let is_build = matches!(arguments.command, Command::Build(_));
                let mut work = tokio::spawn(run(arguments.command));
                tokio::select! {
                    done = &mut work => done.unwrap_or_else(|error| Err(Failure::work(error.to_string()))),
                    _ = tokio::signal::ctrl_c() => {
                        work.abort();
                        // The work ends at its next pause; what it had running on a cluster is cancelled then.
                        let _ = tokio::time::timeout(Duration::from_secs(2), work).await;
                        engine::cancelled().await;
                        Err(Failure::work(if is_build { "stopped; the same command goes on where it was" } else { "stopped" }))
                    }
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(2));
            done
        }
        Err(error) => Err(Failure::work(error.to_string())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.status()
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Build(arguments) => {
            let json = arguments.json;
            let report = build::build(&arguments.plan()?).await?;
            let text = if json {
                serde_json::to_string(&report).map_err(|error| Failure::work(error.to_string()))? + "\n"
            } else {
                report.to_text()
            };
            print!("{text}");
            Ok(())
        }
        Command::Scheduler(arguments) => cluster::scheduler(arguments.bind, &arguments.external_host).await,
        Command::Executor(arguments) => {
            let limits = arguments.limits.limits()?;
            let options = cluster::Executor {
                scheduler: address(&arguments.scheduler)?,
                address: arguments.bind,
                external: arguments.external_host,
                work: arguments.work,
                threads: limits.threads,
                memory: limits.memory as u64,
            };
            cluster::executor(options).await
        }
        Command::Generate(arguments) => generate::generate(&arguments),
    }
}

impl BuildArguments {
    fn plan(self) -> Result<Build> {
        let place = match self.scheduler.as_deref() {
            None => Where::Here,
            Some("standalone") => Where::Standalone,
            Some(other) => {
                let (host, port) = address(other)?;
                Where::Cluster(format!("{host}:{port}"))
            }
        };
        let work = self.work.unwrap_or_else(|| {
            let mut name = self.output.as_os_str().to_owned();
            name.push(".work");
            PathBuf::from(name)
        });
        Ok(Build {
            from: self.from,
            limits: self.limits.limits()?,
            output: self.output,
            selected: self.selected,
            selected_results: self.selected_results,
            depth: usize::from(self.depth),
            work,
            keep_work: self.keep_work,
            place,
            show_progress: self.progress,
        })
    }
}

/// Host and port of a scheduler.
fn address(text: &str) -> Result<(String, u16)> {
    let plain = text.strip_prefix("df://").unwrap_or(text);
    let split = plain.rsplit_once(':').and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)));
    split
        .filter(|(host, _)| !host.is_empty() && !host.contains('/'))
        .ok_or_else(|| Failure::input(format!("--scheduler: expected df://HOST:PORT, found {text:?}")))
}
