//! Networks trained on a GPU against the same networks on the CPU, and their recovery when the device fails.

use super::*;
use crate::device::gpu::Gpu;
use crate::device::gpu::tests::{distance, gpu};
use crate::methods::data::{TrainingData, VisibleCells};
use crate::methods::network::config::NcfConfig;
use crate::methods::training::device_examples::{FakeClock, GPU_LOOKS, Saboteur, assert_same_rankings};
use crate::methods::training::optimise::{Optimiser, Silent, TrainingLimits, train};
use crate::snapshot::{Factor, Snapshot};
use ndarray::Array2;
use pollster::block_on;

const SIZE: (usize, usize) = (31, 37);

/// Outcomes whose models and tasks have a number and a category each, some of them missing, and one model without results.
fn with_data(test: impl FnOnce(&TrainingData<'_>)) {
    let mut snapshot = Snapshot::synthetic(SIZE.0, SIZE.1, 3);
    let models = snapshot.models.iter_mut().map(|model| &mut model.factors);
    for (at, factors) in models.chain(snapshot.tasks.iter_mut().map(|task| &mut task.factors)).enumerate() {
        if at % 3 > 0 {
            factors.insert("size".to_owned(), Factor::Number(1.0 + at as f64));
        }
        if at % 4 > 0 {
            factors.insert("kind".to_owned(), Factor::Text(format!("kind {}", at % 4)));
        }
    }
    let hidden = snapshot.results_of(crate::snapshot::ModelIndex(5));
    let visible = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
    test(&TrainingData::new(&snapshot, &visible, 1));
}

/// The three networks, and one with other widths whose batches do not fill a tile.
fn networks() -> [NcfConfig; 4] {
    let odd = NcfConfig { batch: 50, hidden: vec![33, 7, 19], ..NcfConfig::with_factors() };
    [NcfConfig::latent(), NcfConfig::with_factors(), NcfConfig::factors_only(), odd]
}

fn on_gpu<'a>(gpu: &Gpu, data: &TrainingData<'_>, config: &'a NcfConfig) -> NcfTraining<'a> {
    let mut training = NcfTraining::new(data, config);
    training.compute = Compute::found(gpu.clone());
    block_on(training.move_in()).unwrap();
    assert!(training.device.is_some());
    training
}

/// (tasks, models)
fn logits(training: &NcfTraining<'_>) -> Vec<Vec<f32>> {
    let mut buffers = training.parameters.network.buffers(SIZE.0);
    let of_task = |task: &Vec<_>| {
        let mut input = Array2::zeros((SIZE.0, training.inputs.width));
        for (mut row, model) in input.rows_mut().into_iter().zip(&training.inputs.models.features) {
            training.parameters.describe(model.iter().chain(task), row.as_slice_mut().unwrap());
        }
        training.parameters.network.forward(input.view(), &mut buffers).iter().copied().collect()
    };
    training.inputs.tasks.features.iter().map(of_task).collect()
}

#[test]
fn describe_matrix_product_squared_error_and_describe_back_agree_with_the_plain_loops() {
    let Some(gpu) = gpu() else { return };
    with_data(|data| {
        for config in networks() {
            let mut training = on_gpu(&gpu, data, &config);
            let hidden = |at: usize| [5, 7].map(|every| at.is_multiple_of(every));
            let seen: Vec<SeenCell> =
                training.cells.iter().enumerate().map(|(at, &cell)| SeenCell { cell, hidden: hidden(at) }).collect();
            // A whole batch, and a partial one.
            for batch in [&seen[..config.batch], &seen[100..129]] {
                let expected_error = training.differentiate(batch);
                let mut device = training.device.take().unwrap();
                let mut moved = training.flat();
                let batches = Batches { trained: batch, held: batch };
                let [error, _] = block_on(device.epoch(batches, &mut moved)).unwrap();
                assert!((error - expected_error).abs() < 2e-6 * expected_error, "{error} {expected_error}");
                let mut found = &device.gradient(moved.len())[..];
                for (block, expected) in training.gradient.blocks().enumerate() {
                    let distance = distance(&found[..expected.len()], expected);
                    assert!(distance <= 2e-5, "{:?}, block {block}: {distance}", config.hidden);
                    found = &found[expected.len()..];
                }
                // Rows of models and tasks that are not in the batch.
                assert!(config.latent == 0 || training.gradient.table.contains(&0.0));
                training.device = Some(device);
            }
        }
    });
}

/// If a ReLU switches a step sooner on one device than on the other, two trainings differ by some 1e-4, as do two on the CPU
/// whose starts differ in the last digit. So the test uses narrow networks with short steps, and checks the median over several seeds.
#[test]
fn a_network_goes_the_way_of_the_cpu() {
    let Some(gpu) = gpu() else { return };
    with_data(|data| {
        for config in networks() {
            let config = NcfConfig { hidden: vec![16, 16], rate: 2e-4, ..config };
            let mut distances = [1, 2, 3].map(|seed| {
                let data = TrainingData { seed, ..*data };
                let (mut found, mut expected) = (on_gpu(&gpu, &data, &config), NcfTraining::new(&data, &config));
                let steps = expected.cells().div_ceil(config.batch);
                let mut distances = Vec::new();
                for _ in 0..200usize.div_ceil(steps) {
                    let (a, b) = (block_on(found.next_epoch()).unwrap(), expected.epoch());
                    assert!((a - b).abs() < 1e-4 * b, "{a} {b}");
                    distances.push(distance(&found.flat(), &expected.flat()));
                }
                assert!(distances[0] <= 2e-5, "{} after {steps} steps", distances[0]);
                let (a, b) = (found.validated.unwrap(), expected.validate().unwrap());
                assert!((a - b).abs() < 1e-4 * b, "{a} {b}");
                assert_same_rankings(&logits(&found), &logits(&expected));
                distances[distances.len() - 1]
            });
            distances.sort_by(f64::total_cmp);
            assert!(distances[1] <= 1e-4, "after 200 steps: {distances:?}");
        }
    });
}

#[test]
fn a_device_lost_in_mid_training_is_replaced_or_left_and_the_result_stays() {
    let Some(_) = gpu() else { return };
    with_data(|data| {
        let config = NcfConfig::latent();
        let limits = TrainingLimits { max_epochs: 8, patience: 8 };
        let mut expected = NcfTraining::new(data, &config);
        block_on(train(&mut expected, limits, &mut Silent)).unwrap();
        for replaceable in [true, false] {
            let gpu = block_on(Gpu::open()).unwrap();
            let mut training = on_gpu(&gpu, data, &config);
            if !replaceable {
                training.compute = training.compute.without_replacement();
            }
            let mut observer = Saboteur::new(gpu, 3);
            block_on(train(&mut training, limits, &mut observer)).unwrap();
            assert!(observer.lost);
            let ran = training.compute.ran();
            let on = if replaceable { ("gpu", "went on on a new device") } else { ("cpu", "went on on the CPU") };
            assert!(ran.device == on.0 && ran.why.contains(on.1), "{ran:?}");
            // Adam's moments start at zero again; the drawn cells stay the same.
            let [a, b] = [&training, &expected].map(|training| training.mean_error(&training.cells));
            assert!((a - b).abs() < 0.1 * b, "{replaceable}: {a} {b}");
        }
    });
}

#[test]
fn auto_keeps_the_device_on_which_steps_take_less_time_and_nothing_is_trained_by_timing() {
    let Some(_) = gpu() else { return };
    with_data(|data| {
        let config = NcfConfig::latent();
        for (slow_from, slow_until, expected) in [(0, GPU_LOOKS, "cpu"), (GPU_LOOKS, 100, "gpu")] {
            let mut training = on_gpu(&block_on(Gpu::open()).unwrap(), data, &config);
            block_on(training.choose(&FakeClock::new(slow_from, slow_until)));
            let ran = training.compute.ran();
            assert_eq!((ran.device.as_str(), training.device.is_some()), (expected, expected == "gpu"), "{ran:?}");
            assert!(ran.why.starts_with("16 steps take 1.0 ms, on "), "{ran:?}");
            let mut untimed = NcfTraining::new(data, &config);
            block_on(training.next_epoch()).unwrap();
            untimed.epoch();
            let distance = distance(&training.flat(), &untimed.flat());
            assert!(distance <= 2e-5, "{expected}: {distance}");
        }
    });
}

#[test]
fn a_network_that_does_not_fit_the_device_is_an_error_that_says_so() {
    let Some(small) = Gpu::of_little_memory(4 << 10) else { return };
    with_data(|data| {
        let start = |gpu: &Gpu, config: &NcfConfig| {
            let mut training = NcfTraining::new(data, config);
            training.compute = Compute::found(gpu.clone());
            block_on(training.move_in()).unwrap_err()
        };
        let error = start(&small, &NcfConfig::latent());
        assert!(error.message().contains("MiB of a buffer"), "{error}");
        let error = start(&gpu().unwrap(), &NcfConfig { batch: 257, ..NcfConfig::latent() });
        assert!(error.message().ends_with("batches of 257 cells are too large for it"), "{error}");
    });
}
