//! The engine that runs the plan: DataFusion in this process, or a Ballista cluster that gets the same plan. A step writes its
//! rows as Parquet below the work folder.

use crate::failure::{Failure, Result};
use crate::functions;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use ballista_core::config::BALLISTA_CLIENT_PULL;
use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::extension::{SessionConfigExt, SessionStateExt};
use ballista_core::serde::protobuf::{CancelJobParams, scheduler_grpc_client::SchedulerGrpcClient};
use datafusion::dataframe::DataFrame;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{FunctionRegistry, SendableRecordBatchStream, SessionState, SessionStateBuilder};
use datafusion::physical_plan::{ExecutionPlan, collect, execute_stream};
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use datafusion_proto::protobuf::LogicalPlanNode;
use futures::StreamExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Where the plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// In this process.
    Here,
    /// On a cluster within this process, to try a cluster out.
    Standalone,
    /// On the cluster of a scheduler, `host:port`.
    Cluster(String),
}

/// How much the engine may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes that sorts and joins may hold before they spill to the disk.
    pub(crate) memory: usize,
    /// Partitions of each step, and threads.
    pub(crate) threads: usize,
}

/// A session with the functions of the plan.
pub(crate) struct Engine {
    context: SessionContext,
    scheduler: Option<String>,
}

/// The settings of the plan, the same for every engine.
pub(crate) fn config(threads: usize) -> SessionConfig {
    // Ballista's settings: above all joins by sorting, which can spill.
    SessionConfig::new_with_ballista()
        .with_target_partitions(threads)
        .with_ballista_standalone_parallelism(threads)
        // Its planner of stages at run time loses jobs whose plan it can't repair; the one before the run does not.
        .with_ballista_adaptive_query_planner(false)
        // The id of a job is known at once, so that it can be cancelled, and not with its first change of state.
        .set_bool(BALLISTA_CLIENT_PULL, true)
        // It moves the fields of a row below the function that reads the row, which then is called once for each field.
        .set_bool("datafusion.optimizer.enable_leaf_expression_pushdown", false)
        .set_str("datafusion.execution.parquet.compression", "zstd(1)")
        .set_u64("datafusion.execution.parquet.max_row_group_size", 100_000)
}

/// Memory and a folder to spill to.
pub(crate) fn runtime(memory: usize, spill: Option<&Path>) -> datafusion::error::Result<Arc<RuntimeEnv>> {
    let builder = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(memory)))
        .with_max_temp_directory_size(1 << 42);
    match spill {
        Some(folder) => builder.with_temp_file_path(folder).build_arc(),
        None => builder.build_arc(),
    }
}

/// A session's state with the functions of the plan.
pub(crate) fn state(config: SessionConfig, runtime: Arc<RuntimeEnv>) -> SessionState {
    let builder = SessionStateBuilder::new().with_default_features().with_config(config).with_runtime_env(runtime);
    with_functions(builder.build())
}

/// The state with the functions of the plan.
pub(crate) fn with_functions(mut state: SessionState) -> SessionState {
    for function in functions::all() {
        // A name is taken by none of the engine's functions; a test registers them.
        let _ = state.register_udf(Arc::new(function));
    }
    state
}

impl Engine {
    /// Starts or reaches the engine.
    pub(crate) async fn new(place: &Where, limits: Limits, spill: &Path) -> Result<Self> {
        let own = state(config(limits.threads), runtime(limits.memory, Some(spill))?);
        let scheduler = match place {
            Where::Here => None,
            Where::Standalone => Some(crate::cluster::standalone(&own).await?),
            Where::Cluster(address) => Some(format!("http://{address}")),
        };
        if let Some(url) = &scheduler {
            SchedulerGrpcClient::connect(url.clone()).await.map_err(|error| {
                Failure::input(format!("no scheduler answers at {url}: {error}; start one with `eyas-hub scheduler`"))
            })?;
        }
        let state = match &scheduler {
            Some(url) => own.upgrade_for_ballista(url.clone())?,
            None => own,
        };
        Ok(Self { context: SessionContext::new_with_state(with_functions(state)), scheduler })
    }

    /// The session.
    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    /// The columns that a query gives.
    pub(crate) async fn schema(&self, sql: &str) -> Result<Schema> {
        Ok(self.context.sql(sql).await?.schema().as_arrow().clone())
    }

    /// Writes the rows of a query as Parquet files into a folder.
    pub(crate) async fn write(&self, sql: &str, folder: &Path) -> Result<()> {
        let path = folder.display().to_string().replace('\'', "''");
        let frame = self.context.sql(&format!("COPY ({sql}) TO '{path}/' STORED AS PARQUET")).await?;
        self.collect(frame).await.map(drop)
    }

    /// Gives the Parquet files of some folders a name.
    pub(crate) async fn register(&self, name: &str, folders: &[String], schema: &Schema) -> Result<()> {
        let options = ParquetReadOptions::default().schema(schema);
        let frame = self.context.read_parquet(folders.to_vec(), options).await?;
        self.context.register_table(name, frame.into_view())?;
        Ok(())
    }

    /// All rows of a query whose result is small.
    pub(crate) async fn rows(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        let frame = self.context.sql(sql).await?;
        self.collect(frame).await
    }

    /// The rows of a query, one batch after the other.
    pub(crate) async fn stream(&self, sql: &str) -> Result<Rows> {
        let plan = self.context.sql(sql).await?.create_physical_plan().await?;
        let running = Running { plan: plan.clone(), scheduler: self.scheduler.clone() };
        Ok(Rows { stream: execute_stream(plan, self.context.task_ctx())?, running: Some(running) })
    }

    async fn collect(&self, frame: DataFrame) -> Result<Vec<RecordBatch>> {
        let plan = frame.create_physical_plan().await?;
        let guard = Running { plan: plan.clone(), scheduler: self.scheduler.clone() };
        let rows = collect(plan, self.context.task_ctx()).await;
        guard.finished();
        Ok(rows?)
    }
}

/// The rows of a query as they come.
pub(crate) struct Rows {
    stream: SendableRecordBatchStream,
    running: Option<Running>,
}

impl Rows {
    pub(crate) fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// The next rows.
    pub(crate) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let next = self.stream.next().await.transpose()?;
        if next.is_none()
            && let Some(running) = self.running.take()
        {
            running.finished();
        }
        Ok(next)
    }
}

/// A query that runs. Dropped before its end, it cancels its job on the cluster.
struct Running {
    plan: Arc<dyn ExecutionPlan>,
    scheduler: Option<String>,
}

/// The jobs that are being cancelled.
static CANCELLED: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// How long a scheduler may take to hear that a job is cancelled.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until the scheduler knows which jobs are cancelled.
pub(crate) async fn cancelled() {
    let jobs = CANCELLED.lock().map(|mut jobs| std::mem::take(&mut *jobs)).unwrap_or_default();
    // A scheduler that does not answer ends the job with its executors.
    let _ = tokio::time::timeout(PATIENCE, futures::future::join_all(jobs)).await;
}

impl Running {
    fn finished(mut self) {
        self.scheduler = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(url) = self.scheduler.take() else { return };
        let Some(query) = self.plan.downcast_ref::<DistributedQueryExec<LogicalPlanNode>>() else { return };
        let Some(job) = query.job_id() else { return };
        let task = tokio::spawn(async move {
            if let Ok(mut scheduler) = SchedulerGrpcClient::connect(url).await {
                // There is nobody to tell that it failed.
                let _ = scheduler.cancel_job(CancelJobParams { job_id: job.to_string() }).await;
            }
        });
        if let Ok(mut jobs) = CANCELLED.lock() {
            jobs.push(task);
        }
    }
}
