//! Benchmarks of the kernels of training, one by one: `cargo bench`.

use divan::{Bencher, black_box, counter::ItemsCount};
use eyas::linalg::BitMatrix;
use eyas::linalg::factorise;
use eyas_kernels::{AdamStep, Cells, Factorisation, adam_step, cpu, logistic_step, matrix_product, probabilities};
use ndarray::Array2;

const MODELS: usize = 1024;
const TASKS: usize = 1024;

fn main() {
    divan::main();
}

/// Numbers between -1 and 1 without a regular pattern.
fn wave(at: usize) -> f32 {
    (at as f32 * 0.7).sin()
}

fn matrix(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(row, column)| wave(row * columns + column))
}

fn outcomes() -> Cells {
    let (mut observed, mut solved) = (BitMatrix::zeros(MODELS, TASKS), BitMatrix::zeros(MODELS, TASKS));
    for model in 0..MODELS {
        for task in 0..TASKS {
            observed.set(model, task, true);
            solved.set(model, task, wave(model * TASKS + task) > 0.0);
        }
    }
    Cells::Outcomes { observed, solved }
}

fn parameters(dim: usize) -> Factorisation {
    let mut parameters = Factorisation::zeros(MODELS, TASKS, dim);
    parameters.blocks_mut().into_iter().flatten().enumerate().for_each(|(at, value)| *value = 0.3 * wave(at));
    parameters
}

/// At d = 1 it is mostly the exponential, the loss and the masks. Items are cells.
#[divan::bench(args = [1, 16, 32])]
fn fused_step(bencher: Bencher<'_, '_>, dim: usize) {
    let (cells, parameters) = (outcomes(), parameters(dim));
    let mut gradient = Factorisation::zeros(MODELS, TASKS, dim);
    let bencher = bencher.counter(ItemsCount::new(MODELS * TASKS));
    bencher.bench_local(|| logistic_step(&cells, black_box(&parameters), &mut gradient));
}

#[divan::bench(args = [16, 32])]
fn fused_step_in_plain_loops(bencher: Bencher<'_, '_>, dim: usize) {
    let (cells, parameters) = (outcomes(), parameters(dim));
    let mut gradient = Factorisation::zeros(MODELS, TASKS, dim);
    let bencher = bencher.counter(ItemsCount::new(MODELS * TASKS));
    bencher.bench_local(|| cpu::logistic_step(&cells, black_box(&parameters), &mut gradient));
}

/// Forecasts of one model. Items are tasks.
#[divan::bench]
fn score(bencher: Bencher<'_, '_>) {
    let parameters = parameters(32);
    let bencher = bencher.counter(ItemsCount::new(TASKS));
    bencher.bench_local(|| probabilities(black_box(&parameters), parameters.model(5), 0.1));
}

/// A batch of `ncf`, and a large product. Items are multiplications and additions.
#[divan::bench(args = [(64, 128, 128), (512, 512, 512)])]
fn product(bencher: Bencher<'_, '_>, (m, k, n): (usize, usize, usize)) {
    let (a, b, mut c) = (matrix(m, k), matrix(k, n), matrix(m, n));
    let bencher = bencher.counter(ItemsCount::new(2 * m * k * n));
    bencher.bench_local(|| matrix_product(1.0, black_box(a.view()), b.view(), 0.0, c.view_mut()));
}

#[divan::bench(args = [(64, 128, 128), (512, 512, 512)])]
fn product_by_ndarray(bencher: Bencher<'_, '_>, (m, k, n): (usize, usize, usize)) {
    let (a, b) = (matrix(m, k), matrix(k, n));
    let bencher = bencher.counter(ItemsCount::new(2 * m * k * n));
    bencher.bench_local(|| black_box(&a).dot(&b));
}

#[divan::bench(args = [256, 1024])]
fn cholesky(bencher: Bencher<'_, '_>, n: usize) {
    let a =
        Array2::from_shape_fn((n, n), |(i, j)| (-(i.abs_diff(j) as f32) / 7.0).exp() + if i == j { 0.5 } else { 0.0 });
    bencher.with_inputs(|| a.clone()).bench_local_values(|a| factorise(a).map(|factor| factor.inverse_diagonal()));
}

/// Items are parameters.
#[divan::bench]
fn adam(bencher: Bencher<'_, '_>) {
    const LENGTH: usize = 20_000;
    let gradient: Vec<f32> = (0..LENGTH).map(wave).collect();
    let [mut parameters, mut first, mut second] = [(); 3].map(|()| vec![0.1f32; LENGTH]);
    let step = AdamStep { kept: 1.0, rate: 1e-3, correction: 2.0 };
    let bencher = bencher.counter(ItemsCount::new(LENGTH));
    bencher.bench_local(|| adam_step(step, black_box(&gradient), &mut parameters, &mut first, &mut second));
}
