//! Each shader against its twin in plain loops, on the available device; and the errors of a lost, full or refused device.

use super::layout::SIDES;
use super::*;
use crate::device::shapes::Side;
use eyas_kernels::examples::{outcome_cells, random_parameters, score_cells};
use eyas_kernels::{Cells, Factorisation, cpu};
use pollster::block_on;

/// The device of this machine, which `cargo xtask test` provides. Without one, the tests that need it say so and pass,
/// unless `EYAS_GPU` is set.
pub(crate) fn gpu() -> Option<Gpu> {
    match block_on(Gpu::open()) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            assert!(std::env::var_os("EYAS_GPU").is_none(), "{error}");
            eprintln!("not tested: {error}");
            None
        }
    }
}

/// `|found - expected| / |expected|`.
pub(crate) fn distance(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let square = |value: f32| f64::from(value) * f64::from(value);
    let apart: f64 = found.iter().zip(expected).map(|(a, b)| square(a - b)).sum();
    let length: f64 = expected.iter().map(|&b| square(b)).sum();
    if apart == 0.0 { 0.0 } else { (apart / length).sqrt() }
}

#[test]
fn logistic_step_and_logistic_step_sparse_agree_with_the_plain_loops() {
    let Some(gpu) = gpu() else { return };
    // Odd sizes on purpose: partial tiles, vec4s, words and slices, and nodes without cells. With vectors of 130 numbers or
    // more, fewer than 32 columns fit into the workgroup memory.
    let small = [(5, 66, 3), (133, 200, 16), (70, 64, 32), (37, 129, 40), (3, 1, 64), (33, 70, 10), (300, 1500, 17)];
    for (models, tasks, dim) in small.into_iter().chain([(40, 75, 130), (20, 70, 300)]) {
        for cells in [outcome_cells(models, tasks), score_cells(models, tasks)] {
            let parameters = random_parameters(models + 2, tasks, dim);
            let mut expected = Factorisation::zeros(models + 2, tasks, dim);
            let count = cells.count() as f64;
            let loss = cpu::logistic_step(&cells, &parameters, &mut expected) / count;
            for block in expected.blocks_mut() {
                block.iter_mut().for_each(|value| *value /= count as f32);
            }
            let mut device = block_on(Factoriser::new(&gpu, &cells, models + 2, dim)).unwrap();
            // Not zeros, so that values that are not written are noticed.
            let mut found = random_parameters(models + 2, tasks, dim);
            let name = format!(
                "{models} × {tasks} × {dim}, {}",
                if matches!(cells, Cells::Scores(_)) { "scores" } else { "outcomes" }
            );
            for side in SIDES {
                let found = block_on(device.gradient(side, &parameters, &mut found)).unwrap();
                assert!((found - loss).abs() < 2e-6 * loss, "{name}, {side:?}: {found} {loss}");
            }
            for (block, (found, expected)) in found.blocks().into_iter().zip(expected.blocks()).enumerate() {
                let distance = distance(found, expected);
                assert!(distance <= 2e-5, "{name}, block {block}: {distance}");
            }
        }
    }
}

/// Needs no device. It checks Chromium's default limits here, where the workgroup memory of a shader is known.
#[test]
fn every_shader_is_valid_and_keeps_to_the_limits_of_any_browser() {
    use naga::{AddressSpace, valid};
    for kernel in shader::ALL {
        for dim in [1, 3, 16, 32, 40, 64, 127, 300, 4 * shader::MOST_LINES] {
            let source = kernel.text(dim);
            assert!(source.is_ascii() && !source.contains("//") && !source.contains("\n "), "{}", kernel.name);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|e| panic!("{}: {}", kernel.name, e.emit_to_string(&source)));
            let mut validator = valid::Validator::new(valid::ValidationFlags::all(), valid::Capabilities::empty());
            let info = validator
                .validate(&module)
                .unwrap_or_else(|e| panic!("{}: {}", kernel.name, e.emit_to_string(&source)));
            let [entry] = &module.entry_points[..] else { panic!("{}: not one entry point", kernel.name) };
            assert!(entry.name == "main" && entry.workgroup_size.iter().product::<u32>() <= 256, "{}", kernel.name);
            let (mut shared, mut kinds) = (0, Vec::new());
            for (handle, variable) in module.global_variables.iter() {
                let size = module.types[variable.ty].inner.size(module.to_ctx());
                match variable.space {
                    AddressSpace::WorkGroup if !info.get_entry_point(0)[handle].is_empty() => shared += size,
                    AddressSpace::Uniform => kinds.push((variable.binding.map(|b| b.binding), 'u')),
                    AddressSpace::Storage { access } => {
                        let kind = if access.contains(naga::StorageAccess::STORE) { 'w' } else { 'r' };
                        kinds.push((variable.binding.map(|b| b.binding), kind));
                    }
                    _ => {}
                }
            }
            assert!(shared <= 16 << 10, "{}: {shared} bytes of workgroup memory", kernel.name);
            kinds.sort_unstable();
            let declared: Vec<_> = (0..)
                .map(Some)
                .zip(kernel.bindings.iter().map(|binding| match binding {
                    shader::Binding::Uniform | shader::Binding::Step => 'u',
                    shader::Binding::Read => 'r',
                    shader::Binding::Write => 'w',
                }))
                .collect();
            assert_eq!(kinds, declared, "{}", kernel.name);
            assert!(kinds.iter().filter(|kind| kind.1 != 'u').count() <= 8, "{}", kernel.name);
        }
    }
}

impl Factoriser {
    /// The objective and its whole gradient, as computed before a step of Adam.
    pub(crate) fn objective(&mut self, parameters: &Factorisation, gradient: &mut Factorisation) -> f64 {
        let layout = self.layout;
        self.upload(parameters);
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let adam = self.adam.as_ref().unwrap();
        {
            let mut pass = work.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            self.sides.iter().for_each(|side| side.run(&mut pass));
            adam.penalties.iter().for_each(|penalty| penalty.run(&mut pass, 0));
            let first = [0, 0, 0, 0, layout.losses(Side::Models) as u32];
            self.gpu.queue.write_buffer(&adam.settings, 0, bytemuck::cast_slice(&first));
            adam.sum_loss.run(&mut pass, 0);
        }
        let bytes = 4 * layout.len() as u64;
        work.copy_buffer_to_buffer(&self.gradient, 0, &self.landing, 0, bytes);
        work.copy_buffer_to_buffer(&adam.losses, 0, &self.landing, bytes, 4);
        let take = |numbers: &[f32]| {
            for side in SIDES {
                layout.unpack(side, &numbers[layout.vectors(side)..], &numbers[layout.biases(side)..], gradient);
            }
            f64::from(numbers[layout.len()])
        };
        block_on(self.gpu.finish(work, &self.landing, layout.len() + 1, take)).unwrap()
    }
}

impl Gpu {
    /// A device whose buffers are limited to this size.
    pub(crate) fn of_little_memory(bytes: u64) -> Option<Self> {
        gpu()?;
        let limits = wgpu::Limits { max_storage_buffer_binding_size: bytes, ..needed_limits() };
        Some(block_on(Self::open_within(limits)).unwrap())
    }
}

/// Against the formula of Loshchilov & Hutter (2019), algorithm 2, in double precision.
#[test]
fn adam_step_agrees_with_the_formula_with_and_without_decay() {
    let Some(gpu) = gpu() else { return };
    let (rate, count) = (0.01, 300);
    let gradient: Vec<f32> = (0..count).map(|at| (at as f32 * 0.9).sin()).collect();
    let start: Vec<f32> = (0..count).map(|at| (at as f32 * 0.3).cos()).collect();
    for decay in [0.0, 1e-3] {
        let settings = gpu.buffer("settings", 3 * u64::from(shader::STEP_STRIDE), wgpu::BufferUsages::UNIFORM).unwrap();
        let (parameters, moments) = (gpu.space("a test", count).unwrap(), gpu.space("a test", 2 * count).unwrap());
        gpu.queue.write_buffer(&parameters, 0, bytemuck::cast_slice(&start));
        let bound = [&settings, &gpu.upload("a test", &gradient).unwrap(), &parameters, &moments];
        let work = shader::Dispatch::new(&gpu, &shader::ADAM_STEP, 1, [2, 1], &bound);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for step in 0..3 {
            let (rate, correction) = cpu::adam_rates(rate, step + 1);
            let words = [rate, correction, decay].map(f32::to_bits);
            let at = u64::from(shader::STEP_STRIDE) * step as u64;
            gpu.queue.write_buffer(&settings, at, bytemuck::cast_slice(&words));
            work.run(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()), step as u32);
        }
        let landing = gpu.landing(count).unwrap();
        encoder.copy_buffer_to_buffer(&parameters, 0, &landing, 0, 4 * count as u64);
        let found = block_on(gpu.finish(encoder, &landing, count, <[f32]>::to_vec)).unwrap();
        let expected = |at: usize| {
            let (mut m, mut v, mut value, g) = (0.0f64, 0.0f64, f64::from(start[at]), f64::from(gradient[at]));
            for step in 1..=3 {
                m = 0.9 * m + 0.1 * g;
                v = 0.999 * v + 0.001 * g * g;
                let (m, v) = (m / (1.0 - 0.9f64.powi(step)), v / (1.0 - 0.999f64.powi(step)));
                value -= f64::from(decay) * value + f64::from(rate) * m / (v.sqrt() + 1e-8);
            }
            value as f32
        };
        let expected: Vec<f32> = (0..count).map(expected).collect();
        assert!(distance(&found, &expected) < 1e-5, "decay {decay}: {}", distance(&found, &expected));
    }
}

#[test]
fn a_shader_that_does_not_compile_is_an_error_that_names_it() {
    let Some(gpu) = gpu() else { return };
    let source = "@compute fn main() { let x: u32 = 1.5; }";
    let broken = shader::Kernel { name: "broken", shared: &[], source, bindings: &[] };
    let made = gpu.guarded(|| Ok(shader::Dispatch::new(&gpu, &broken, 1, [1, 1], &[])));
    let error = block_on(made).err().unwrap();
    assert_eq!(error.kind(), crate::error::ErrorKind::Device);
    assert!(error.message().contains("broken") && error.message().starts_with(gpu.name()), "{error}");
    // The device itself still works.
    assert_eq!(gpu.check(), Ok(()));
}

#[test]
fn memory_that_is_not_there_is_an_error_that_says_so() {
    let Some(gpu) = gpu() else { return };
    let source = Box::from("from a test");
    let error = gpu.refused(&wgpu::Error::OutOfMemory { source });
    assert!(error.message().ends_with("there is not enough memory"), "{error}");
    let limits = gpu.device.limits();
    let error = gpu.space("the scores", limits.max_storage_buffer_binding_size as usize / 4 + 1).err().unwrap();
    assert!(error.message().ends_with("the scores take 129 MiB, more than the 128 MiB of a buffer"), "{error}");
}

#[test]
fn vectors_longer_than_a_workgroups_memory_are_an_error() {
    let Some(gpu) = gpu() else { return };
    let longest = 4 * shader::MOST_LINES;
    let start = |dim| block_on(Factoriser::new(&gpu, &outcome_cells(2, 3), 2, dim)).map(|_| ());
    assert_eq!(start(longest), Ok(()));
    let error = start(longest + 1).unwrap_err();
    assert!(error.message().ends_with("vectors of 4093 numbers are too long for it"), "{error}");
}

#[test]
fn a_lost_device_is_an_error_from_then_on() {
    let Some(gpu) = gpu() else { return };
    let (cells, parameters) = (outcome_cells(5, 66), random_parameters(5, 66, 3));
    let mut device = block_on(Factoriser::new(&gpu, &cells, 5, 3)).unwrap();
    let mut gradient = Factorisation::zeros(5, 66, 3);
    block_on(device.gradient(Side::Models, &parameters, &mut gradient)).unwrap();
    gpu.close();
    for _ in 0..2 {
        let error = block_on(device.gradient(Side::Models, &parameters, &mut gradient)).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Device, "{error}");
    }
}

#[test]
fn score_task_agrees_with_the_plain_loops() {
    let Some(gpu) = gpu() else { return };
    // In the last case the tasks are scored in two parts.
    for (nodes, tasks, dim) in [(135, 9, 3), (1, 40, 16), (70, 33, 40), (1500, 6000, 1)] {
        let parameters = random_parameters(nodes, tasks, dim);
        let mut scorer = block_on(Scorer::new(&gpu, &parameters)).unwrap();
        let mut next = 0;
        let scored = scorer.score_tasks(|first, scores| {
            assert_eq!(first, next);
            for scores in scores.chunks(nodes) {
                let score = |node| crate::linalg::logistic(parameters.logit(node, next));
                let expected: Vec<f32> = (0..nodes).map(score).collect();
                assert!(distance(scores, &expected) < 1e-6, "{nodes} × {tasks} × {dim}, task {next}");
                next += 1;
            }
        });
        block_on(scored).unwrap();
        assert_eq!(next, tasks);
    }
}
