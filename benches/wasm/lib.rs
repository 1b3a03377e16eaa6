//! The benchmarks of `eyas bench` as a bare wasm module, for `measure.mjs`: no bindings, numbers in and out.
#![expect(unsafe_code, reason = "names that JavaScript finds")]

use eyas::methods::{LrmfConfig, LrmfTraining, NcfConfig, NcfTraining, TrainingData, VisibleCells};
use eyas::snapshot::Snapshot;
use std::cell::RefCell;

enum Training {
    Lrmf(Box<LrmfTraining<'static>>),
    Mlp(Box<NcfTraining<'static>>),
}

thread_local! {
    static TRAINING: RefCell<Option<Training>> = const { RefCell::new(None) };
}

/// Generates data and starts a training: `what` is 0 for LRMF by Adam, 1 for LRMF by the default solver, 2 for the network
/// of `ncf`. The memory is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(what: u32, models: u32, items: u32, dim: u32) {
    let dim = dim as usize;
    let snapshot: &'static Snapshot = Box::leak(Box::new(Snapshot::synthetic(models as usize, items as usize, 1)));
    let Ok(visible) = VisibleCells::new(snapshot, None) else { return };
    let visible: &'static VisibleCells = Box::leak(Box::new(visible));
    let data = TrainingData::new(snapshot, visible, 1);
    let lrmf = |config: LrmfConfig| Training::Lrmf(Box::new(LrmfTraining::new(&data, &LrmfConfig { dim, ..config })));
    let training = match what {
        0 => lrmf(LrmfConfig::adam()),
        1 => lrmf(LrmfConfig::default()),
        _ => {
            let config = Box::leak(Box::new(NcfConfig { latent: dim, ..NcfConfig::latent() }));
            Training::Mlp(Box::new(NcfTraining::new(&data, config)))
        }
    };
    TRAINING.with_borrow_mut(|place| *place = Some(training));
}

/// Runs epochs; returns the sum of their losses.
#[unsafe(no_mangle)]
pub extern "C" fn epochs(count: u32) -> f64 {
    with(|training| {
        (0..count).fold(0.0, |_, _| match training {
            Training::Lrmf(training) => training.epoch(),
            Training::Mlp(training) => training.epoch(),
        })
    })
}

/// The current objective.
#[unsafe(no_mangle)]
pub extern "C" fn objective() -> f64 {
    with(|training| match training {
        Training::Lrmf(training) => training.objective(),
        Training::Mlp(_) => f64::NAN,
    })
}

/// Useful multiplications and additions per epoch.
#[unsafe(no_mangle)]
pub extern "C" fn operations() -> f64 {
    with(|training| match training {
        Training::Lrmf(training) => 6.0 * (training.cells() * training.parameters().dim) as f64,
        Training::Mlp(training) => 6.0 * (training.cells() * training.weights()) as f64,
    })
}

/// Runs rounds on registers alone; returns the number of multiplications and additions.
#[unsafe(no_mangle)]
pub extern "C" fn peak(rounds: u32) -> f64 {
    let (operations, value) = eyas_kernels::multiply_add_rounds(rounds as usize);
    operations + f64::from(value) * 1e-30
}

fn with(f: impl FnOnce(&mut Training) -> f64) -> f64 {
    TRAINING.with_borrow_mut(|training| training.as_mut().map_or(f64::NAN, f))
}
