//! A flat map of points: neighbours stay near each other, and all others are pushed apart (McInnes, Healy & Melville 2018, "UMAP").
//!
//! A point i is joined to each of its k nearest neighbours j by `w = exp(-(d(i, j) - ρ) / σ)`, where ρ is the distance of the nearest
//! one and σ is such that the sum over its neighbours is log₂ k; both directions are joined as `w + w' - w w'`. On the map edges pull,
//! and of each point some points drawn at random push, by the gradient of the cross-entropy of w and `1 / (1 + d²)`.
//!
//! Deviations: the map starts at the first two principal components; the curve is Student's, as in t-SNE, and has no least distance.
//! Points are moved one after the other with random numbers of one seed, so that the same seed gives the same map.

use super::components::components;
use super::neighbours::{Near, neighbours};
use ndarray::{Array2, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Neighbours that pull.
const NEIGHBOURS: usize = 15;
/// Points that push, for each pull.
const PUSHES: usize = 5;
const EPOCHS: usize = 300;
/// The greatest move along an axis, in a step of rate 1.
const MOST: f32 = 4.0;
/// The width of the map at first.
const WIDTH: f32 = 10.0;

/// Coordinates of the first two principal components, scaled to the same width. points: (n, d)
pub(crate) fn two_components(points: ArrayView2<'_, f32>) -> Vec<[f32; 2]> {
    let mut centred = points.to_owned();
    if let Some(mean) = points.mean_axis(ndarray::Axis(0)) {
        centred -= &mean;
    }
    let found = components(centred.view(), 2);
    let most = found.scores.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let scale = if most > 0.0 { WIDTH / most } else { 0.0 };
    let at = |row: usize, axis: usize| found.scores.get((row, axis)).map_or(0.0, |value| value * scale);
    (0..points.nrows()).map(|row| [at(row, 0), at(row, 1)]).collect()
}

/// A map of these points. points: (n, d)
pub(crate) fn flat_map(points: ArrayView2<'_, f32>, seed: u64) -> Vec<[f32; 2]> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut map = two_components(points);
    // Points at one place could never part.
    map.iter_mut().flatten().for_each(|at| *at += rng.random_range(-0.01..0.01f32));
    let edges = edges(&neighbours(points, NEIGHBOURS));
    for epoch in 0..EPOCHS {
        let rate = 1.0 - epoch as f32 / EPOCHS as f32;
        for &(from, to, weight) in &edges {
            if rng.random::<f32>() >= weight {
                continue;
            }
            let (pull, _) = forces(map[from], map[to]);
            step(&mut map, from, pull, rate);
            step(&mut map, to, pull.map(|value| -value), rate);
            for _ in 0..PUSHES {
                let other = rng.random_range(0..map.len() as u32) as usize;
                if other != from {
                    let (_, push) = forces(map[from], map[other]);
                    step(&mut map, from, push, rate);
                }
            }
        }
    }
    map
}

/// The forces on the first point: to the other one, and away from it.
fn forces(at: [f32; 2], other: [f32; 2]) -> ([f32; 2], [f32; 2]) {
    let away = [at[0] - other[0], at[1] - other[1]];
    let square = away[0] * away[0] + away[1] * away[1];
    let pull = -2.0 / (1.0 + square);
    let push = 2.0 / ((0.001 + square) * (1.0 + square));
    (away.map(|value| pull * value), away.map(|value| push * value))
}

fn step(map: &mut [[f32; 2]], at: usize, force: [f32; 2], rate: f32) {
    for (place, force) in map[at].iter_mut().zip(force) {
        *place += rate * force.clamp(-MOST, MOST);
    }
}

/// Joined neighbours with their weights, the greatest of which is 1.
fn edges(neighbours: &[Near]) -> Vec<(usize, usize, f32)> {
    let weights: Vec<Vec<f32>> = neighbours.iter().map(|near| weights(near)).collect();
    let weight = |from: usize, to: usize| {
        let place = neighbours[from].iter().position(|&(other, _)| other as usize == to);
        place.map_or(0.0, |place| weights[from][place])
    };
    let mut joined = Vec::new();
    for (from, near) in neighbours.iter().enumerate() {
        for (&(to, _), &there) in near.iter().zip(&weights[from]) {
            let to = to as usize;
            let back = weight(to, from);
            // Each pair once, from the first of the two that has the other one.
            if back == 0.0 || from < to {
                joined.push((from, to, there + back - there * back));
            }
        }
    }
    let most = joined.iter().fold(f32::MIN_POSITIVE, |most, edge| most.max(edge.2));
    joined.iter_mut().for_each(|edge| edge.2 /= most);
    joined
}

/// The weights of a point's neighbours, which are nearest first, with squared distances.
fn weights(near: &[(u32, f32)]) -> Vec<f32> {
    let distances: Vec<f32> = near.iter().map(|pair| pair.1.sqrt()).collect();
    let nearest = distances.first().copied().unwrap_or(0.0);
    let wanted = (near.len().max(2) as f32).log2();
    let all = |width: f32| distances.iter().map(move |distance| (-(distance - nearest) / width).exp());
    let (mut low, mut high) = (1e-6f32, 1e3f32);
    for _ in 0..40 {
        let middle = (low * high).sqrt();
        if all(middle).sum::<f32>() > wanted { high = middle } else { low = middle }
    }
    all(high).collect()
}

/// The places of the points, as a matrix of two columns.
pub(crate) fn places(map: &[[f32; 2]]) -> Array2<f32> {
    Array2::from_shape_fn((map.len(), 2), |(row, axis)| map[row][axis])
}

#[cfg(test)]
mod tests {
    use super::super::neighbours::kept;
    use super::*;

    /// Twelve groups of points about the corners of a simplex, which no two dimensions can hold.
    fn groups() -> Array2<f32> {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        Array2::from_shape_fn((240, 12), |(row, column)| {
            f32::from(u8::from(row % 12 == column)) + rng.random_range(-0.15..0.15f32)
        })
    }

    #[test]
    fn neighbours_stay_near_and_groups_apart() {
        let points = groups();
        let before = neighbours(points.view(), 10);
        let after = |map: &[[f32; 2]]| neighbours(places(map).view(), 10);
        let map = flat_map(points.view(), 7);
        assert!(map.iter().flatten().all(|value| value.is_finite()));
        let of_map = kept(&before, &after(&map)).unwrap();
        let of_components = kept(&before, &after(&two_components(points.view()))).unwrap();
        assert!(of_map > 0.6 && of_map > of_components + 0.2, "{of_map} on the map, {of_components} by components");
        let own = |(row, near): (usize, &Vec<(u32, f32)>)| near.iter().all(|pair| pair.0 as usize % 12 == row % 12);
        let whole = after(&map).iter().enumerate().filter(|&(row, near)| own((row, near))).count();
        assert!(whole > 228, "{whole} of 240 points lie among their own group");
    }

    #[test]
    fn a_seed_gives_one_map_and_another_seed_another_one() {
        let points = groups();
        assert_eq!(flat_map(points.view(), 1), flat_map(points.view(), 1));
        assert_ne!(flat_map(points.view(), 1), flat_map(points.view(), 2));
    }

    #[test]
    fn few_and_equal_points_are_finite() {
        for (rows, columns) in [(0, 3), (1, 3), (2, 1), (40, 3)] {
            let map = flat_map(Array2::ones((rows, columns)).view(), 1);
            assert!(map.len() == rows && map.iter().flatten().all(|value| value.is_finite()), "{rows} × {columns}");
        }
    }
}
