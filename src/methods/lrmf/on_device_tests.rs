//! Trainings on a GPU against the same trainings on the CPU, and their recovery when the device fails.

use super::*;
use crate::device::compute::Device;
use crate::device::gpu::Gpu;
use crate::device::gpu::tests::{distance, gpu};
use crate::methods::data::{TrainingData, VisibleCells};
use crate::methods::lrmf::config::LrmfConfig;
use crate::methods::training::device_examples::{FakeClock, GPU_LOOKS, Saboteur, assert_same_rankings};
use crate::methods::training::optimise::{Optimiser, Silent, TrainingLimits, train};
use crate::snapshot::Snapshot;
use eyas_kernels::Factorisation;
use pollster::block_on;

const SIZE: (usize, usize) = (150, 220);

fn with_data(test: impl FnOnce(&TrainingData<'_>)) {
    let snapshot = Snapshot::synthetic(SIZE.0, SIZE.1, 3);
    let visible = VisibleCells::new(&snapshot, None).unwrap();
    test(&TrainingData::new(&snapshot, &visible, 1));
}

fn solvers() -> [LrmfConfig; 3] {
    let adam = LrmfConfig { dim: 8, ..LrmfConfig::adam() };
    [adam.clone(), LrmfConfig { biases: false, ..adam }, LrmfConfig { dim: 8, ..LrmfConfig::default() }]
}

fn on_gpu<'a>(gpu: &Gpu, data: &TrainingData<'a>, config: &LrmfConfig) -> LrmfTraining<'a> {
    let mut training = LrmfTraining::new(data, config);
    training.compute = Compute::found(gpu.clone());
    block_on(training.move_in()).unwrap();
    assert!(training.device.is_some());
    training
}

fn advance(training: &mut LrmfTraining<'_>, epochs: usize) -> f64 {
    let (mut left, mut loss) = (epochs, 0.0);
    while left > 0 {
        let (done, objective) = block_on(training.epochs(left)).unwrap();
        (left, loss) = (left - done, objective);
    }
    loss
}

fn apart(a: &Factorisation, b: &Factorisation) -> f64 {
    let flat = |p: &Factorisation| p.blocks().concat();
    distance(&flat(a), &flat(b))
}

#[test]
fn laplacian_product_and_sum_loss_agree_with_the_plain_loops() {
    let Some(gpu) = gpu() else { return };
    with_data(|data| {
        let config = LrmfConfig { l2: 1e-2, lineage: 3e-2, tasks: 2e-2, ..solvers()[0].clone() };
        let mut training = on_gpu(&gpu, data, &config);
        // Away from the start, where all biases of models are zero.
        for block in training.parameters.blocks_mut() {
            block.iter_mut().enumerate().for_each(|(at, value)| *value += (at as f32 * 0.7).sin());
        }
        let mut found = Factorisation::zeros(data.lineage.len(), data.tasks.len(), config.dim);
        let objective = training.device.as_mut().unwrap().objective(&training.parameters, &mut found);
        let expected = training.objective();
        assert!((objective - expected).abs() < 2e-6 * expected, "{objective} {expected}");
        for (block, (found, expected)) in found.blocks().into_iter().zip(training.gradient.blocks()).enumerate() {
            let distance = distance(found, expected);
            assert!(distance <= 2e-5, "block {block}: {distance}");
        }
    });
}

#[test]
fn adam_step_and_the_default_solver_go_the_way_of_the_cpu() {
    let Some(gpu) = gpu() else { return };
    with_data(|data| {
        for config in solvers() {
            let (mut found, mut expected) = (on_gpu(&gpu, data, &config), LrmfTraining::new(data, &config));
            for (epochs, tolerance) in [(1, 2e-5), (199, 1e-4)] {
                let (a, b) = (advance(&mut found, epochs), advance(&mut expected, epochs));
                assert!((a - b).abs() < 1e-5 * b, "{:?}: {a} {b}", config.solver);
                let distance = apart(&found.parameters, &expected.parameters);
                assert!(distance <= tolerance, "{:?}, biases {}: {distance}", config.solver, config.biases);
            }
            let logits = |p: &Factorisation| -> Vec<Vec<f32>> {
                (0..SIZE.1).map(|task| (0..SIZE.0).map(|model| p.logit(model, task)).collect()).collect()
            };
            assert_same_rankings(&logits(&found.parameters), &logits(&expected.parameters));
        }
    });
}

#[test]
fn cell_losses_agree_with_the_plain_loops() {
    let Some(gpu) = gpu() else { return };
    with_data(|data| {
        let mut training = on_gpu(&gpu, data, &solvers()[2]);
        assert!(training.validation.len() > 300, "{}", training.validation.len());
        advance(&mut training, 3);
        let found = training.validated.take().unwrap();
        let expected = Optimiser::validate(&training).unwrap();
        assert!((found - expected).abs() < 1e-6 * expected, "{found} {expected}");
    });
}

#[test]
fn a_device_lost_in_mid_training_is_replaced_or_left_and_the_result_stays() {
    let Some(first) = gpu() else { return };
    let software = first.is_software();
    with_data(|data| {
        for config in solvers() {
            let config = LrmfConfig { limits: TrainingLimits { max_epochs: 60, patience: 60 }, ..config };
            let mut expected = LrmfTraining::new(data, &config);
            block_on(train(&mut expected, config.limits, &mut Silent)).unwrap();
            let expected = expected.objective();
            for replaceable in [true, false] {
                let gpu = block_on(Gpu::open()).unwrap();
                let mut training = LrmfTraining::new(data, &config);
                training.compute = Compute::found(gpu.clone());
                if !replaceable {
                    training.compute = training.compute.without_replacement();
                }
                block_on(training.move_in()).unwrap();
                let mut observer = Saboteur::new(gpu, 20);
                block_on(train(&mut training, config.limits, &mut observer)).unwrap();
                assert!(observer.lost);
                let ran = training.compute.ran();
                let on = if replaceable { ("gpu", "went on on a new device") } else { ("cpu", "went on on the CPU") };
                assert!(ran.device == on.0 && ran.why.contains(on.1), "{ran:?}");
                assert!(!software || ran.why.contains("software"), "the name of the lost one is missing: {ran:?}");
                let loss = training.objective();
                // Adam's moments start at zero again; the default solver continues exactly.
                let tolerance = if matches!(config.solver, Solver::Adam(_)) { 2e-2 } else { 1e-5 };
                let distance = (loss - expected).abs() / expected;
                assert!(distance < tolerance, "{:?}, {replaceable}: {loss} {expected}", config.solver);
            }
        }
    });
}

#[test]
fn data_that_do_not_fit_the_device_are_trained_on_the_cpu_and_that_is_said() {
    let Some(small) = Gpu::of_little_memory(4 << 10) else { return };
    with_data(|data| {
        let mut training = LrmfTraining::new(data, &solvers()[2]);
        training.compute = Compute::found(small.clone());
        let error = block_on(training.move_in()).unwrap_err();
        assert!(error.message().contains("MiB of a buffer"), "{error}");
        let mut compute = Compute::found(small);
        compute.give_up(error).unwrap();
        assert!(compute.ran().device == "cpu" && compute.ran().why.contains("MiB of a buffer"), "{:?}", compute.ran());
    });
}

#[test]
fn auto_keeps_the_device_on_which_the_gradient_takes_less_time() {
    let Some(_) = gpu() else { return };
    let open = || block_on(Gpu::open()).unwrap();
    with_data(|data| {
        for (slow_from, slow_until, expected) in [(0, GPU_LOOKS, "cpu"), (GPU_LOOKS, 100, "gpu")] {
            let mut training = on_gpu(&open(), data, &solvers()[2]);
            block_on(training.choose(&FakeClock::new(slow_from, slow_until)));
            let ran = training.compute.ran();
            assert_eq!((ran.device.as_str(), training.device.is_some()), (expected, expected == "gpu"), "{ran:?}");
            assert!(ran.why.starts_with("a gradient takes 1.0 ms, on "), "{ran:?}");
        }
        let mut training = on_gpu(&open(), data, &solvers()[2]);
        block_on(training.choose(&Silent));
        assert!(training.device.is_none() && training.compute.ran().why.contains("clock"));
    });
}

#[test]
fn auto_opens_no_gpu_for_little_work_and_refuses_a_processor_that_plays_one() {
    let mut compute = Compute::new(Device::Auto);
    block_on(compute.open(1e3)).unwrap();
    assert!(compute.gpu().is_none() && compute.ran().why.contains("little data"));
    let Some(gpu) = gpu().filter(Gpu::is_software) else { return };
    block_on(compute.open(1e12)).unwrap();
    assert!(compute.gpu().is_none());
    assert_eq!(compute.ran().why, format!("the only GPU is {}, which is slower", gpu.name()));
    let mut compute = Compute::new(Device::Gpu);
    block_on(compute.open(1.0)).unwrap();
    assert_eq!((compute.ran().device.as_str(), compute.ran().name), ("gpu", gpu.name().to_owned()));
}
