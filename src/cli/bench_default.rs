//! `bench default`: time and memory of training the default method on a made-up board, and the time of a forecast.

use super::arguments::{Bench, device};
use super::cost::{Stopwatch, memory};
use super::progress::Meter;
use super::{print, print_json};
use eyas::error::{Error, Result};
use eyas::lineage::{Parent, Relation};
use eyas::methods::Method;
use eyas::recommend::{Recommender, Request, TrainOptions};
use eyas::snapshot::{Factor, Snapshot};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Models that forecasts are made for.
const NEWCOMERS: usize = 4;
/// Trainings and forecasts are repeated for about this long.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

#[derive(Serialize)]
struct Cost {
    method: &'static str,
    models: usize,
    tasks: usize,
    cells: usize,
    seconds: f64,  // of a training: the shortest
    first_ms: f64, // of the first forecast, with those of all models that it is ranked among
    ms_per_forecast: f64,
    peak_mb: Option<f64>,   // of the process
    before_mb: Option<f64>, // what it held before the training
}

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    let &Bench { models, items: tasks, known, .. } = arguments;
    if !(0.0..=1.0).contains(&known) {
        return Err(Error::input("--known is a share of the cells, 0 to 1"));
    }
    let board = Snapshot::synthetic_board(models, tasks, known, 1);
    let options = TrainOptions { device: device(&arguments.device)?, ..TrainOptions::default() };
    let newcomers: Vec<Request> = board.models.iter().take(NEWCOMERS).map(|model| fine_tune(&model.id)).collect();
    let before_mb = memory("VmRSS:");
    let begun = Instant::now();
    let (mut seconds, mut trained) = (f64::INFINITY, None);
    while trained.is_none() || begun.elapsed() < LONG_ENOUGH {
        drop(trained.take()); // one at a time is held
        let copy = board.clone();
        let started = Stopwatch::start();
        let recommender = pollster::block_on(Recommender::train(copy, &options, &mut Meter::new("default")))?;
        seconds = seconds.min(started.seconds());
        trained = Some(recommender);
    }
    let peak_mb = memory("VmHWM:");
    let trained = trained.ok_or_else(|| Error::input("nothing was trained"))?;
    let started = Stopwatch::start();
    newcomers.first().map(|first| trained.predict(first)).transpose()?;
    let first_ms = 1e3 * started.seconds();
    // Each shows other benchmarks, whose ranks are then there.
    newcomers.iter().try_for_each(|request| trained.predict(request).map(drop))?;
    let ms_per_forecast = 1e3 * forecast(&trained, &newcomers)?;
    let cells = board.cells();
    let method = Method::DEFAULT.name();
    let cost = Cost { method, models, tasks, cells, seconds, first_ms, ms_per_forecast, peak_mb, before_mb };
    if arguments.json { print_json(&cost) } else { print(&cost.describe()) }
}

impl Cost {
    fn describe(&self) -> String {
        let Self { method, models, tasks, cells, seconds, first_ms, ms_per_forecast, .. } = self;
        let memory = self.peak_mb.map_or(String::new(), |peak| format!(", {peak:.0} MB at its peak"));
        format!(
            "{method} on {models} models × {tasks} tasks, {cells} cells\n\
             {seconds:.2} s for a training{memory}, {first_ms:.1} ms for the first forecast with its ranks, \
             {ms_per_forecast:.2} ms for each other one\n"
        )
    }
}

/// A new fine-tune of a model.
fn fine_tune(of: &str) -> Request {
    Request {
        id: Some(format!("newcomer/{}-new", of.rsplit('/').next().unwrap_or(of))),
        parents: vec![Parent::new(of, Relation::Finetune)],
        factors: [("type".to_owned(), Factor::Text("fine-tuned".to_owned()))].into(),
        ..Request::default()
    }
}

/// Mean seconds of a forecast of new models.
fn forecast(trained: &Recommender, newcomers: &[Request]) -> Result<f64> {
    let (begun, started, mut count) = (Instant::now(), Stopwatch::start(), 0.0);
    for request in newcomers.iter().cycle() {
        trained.predict(request)?;
        count += 1.0;
        if begun.elapsed() > LONG_ENOUGH {
            break;
        }
    }
    Ok(started.seconds() / count)
}
