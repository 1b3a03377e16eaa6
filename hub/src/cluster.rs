//! A Ballista cluster whose scheduler and executors know the functions of the plan.

use crate::engine;
use crate::failure::{Failure, Result};
use ballista_core::extension::SessionConfigExt;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::utils::default_session_builder;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::new_standalone_executor_from_state;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use ballista_scheduler::standalone::new_standalone_scheduler_from_state;
use datafusion::execution::SessionState;
use datafusion::prelude::SessionConfig;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::work(error.to_string())
}

/// Starts a scheduler and an executor in this process; returns the scheduler's address.
pub(crate) async fn standalone(state: &SessionState) -> Result<String> {
    let address = new_standalone_scheduler_from_state(state).await.map_err(failed)?;
    let url = format!("http://localhost:{}", address.port());
    let scheduler = SchedulerGrpcClient::connect(url.clone()).await.map_err(failed)?;
    let threads = state.config().ballista_standalone_parallelism();
    new_standalone_executor_from_state(scheduler, threads, state).await.map_err(failed)?;
    Ok(url)
}

/// Runs a scheduler until it is stopped.
pub(crate) async fn scheduler(address: SocketAddr, external: &str) -> Result<()> {
    let session = |config: SessionConfig| Ok(engine::with_functions(default_session_builder(config)?));
    let config = SchedulerConfig {
        bind_host: address.ip().to_string(),
        bind_port: address.port(),
        external_host: external.to_owned(),
        override_session_builder: Some(Arc::new(session)),
        override_config_producer: Some(Arc::new(|| engine::config(2))),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await.map_err(failed)?;
    start_server(cluster, address, Arc::new(config)).await.map_err(failed)
}

/// An executor of a cluster.
pub(crate) struct Executor {
    pub(crate) scheduler: (String, u16),
    pub(crate) address: SocketAddr,
    pub(crate) external: Option<String>,
    pub(crate) work: Option<PathBuf>,
    pub(crate) threads: usize,
    pub(crate) memory: u64,
}

/// Runs an executor until it is stopped.
pub(crate) async fn executor(options: Executor) -> Result<()> {
    // Ballista's own folder would be gone before it is used.
    let name = format!("eyas-hub-{}", options.address.port());
    let work = options.work.unwrap_or_else(|| std::env::temp_dir().join(name));
    std::fs::create_dir_all(&work).map_err(|error| Failure::at(&work, &error))?;
    let known = engine::state(engine::config(options.threads), engine::runtime(1 << 30, None)?);
    let config = ExecutorProcessConfig {
        bind_host: options.address.ip().to_string(),
        port: options.address.port(),
        grpc_port: options
            .address
            .port()
            .checked_add(1)
            .ok_or_else(|| Failure::input("--bind: the port is too high"))?,
        external_host: options.external,
        scheduler_host: options.scheduler.0,
        scheduler_port: options.scheduler.1,
        scheduler_connect_timeout_seconds: 60,
        vcores: options.threads,
        work_dir: Some(work.display().to_string()),
        memory_pool_size: Some(options.memory),
        job_data_clean_up_interval_seconds: 600,
        job_data_ttl_seconds: 3600,
        override_function_registry: Some(Arc::new(BallistaFunctionRegistry::from(&known))),
        override_config_producer: Some(Arc::new(move || engine::config(options.threads))),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(Arc::new(config)).await.map_err(failed)
}
