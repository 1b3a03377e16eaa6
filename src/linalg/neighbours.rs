//! Nearest neighbours of all points of a table, exact.

use super::{keep_greatest, product, sort_by_value};
use ndarray::{Array2, ArrayView2, s};

/// Numbers of points near another one, nearest first, with the squares of their distances.
pub(crate) type Near = Vec<(u32, f32)>;

/// Points whose distances are computed at once.
const PART: usize = 256;

/// Of each point the `count` nearest other ones with the squares of their distances, nearest first. points: (n, d)
pub(crate) fn neighbours(points: ArrayView2<'_, f32>, count: usize) -> Vec<Near> {
    let squares: Vec<f32> = points.rows().into_iter().map(|row| row.dot(&row)).collect();
    let of_part = |part: usize| {
        let start = part * PART;
        let products = product(points.slice(s![start..(start + PART).min(points.nrows()), ..]), points.t());
        let of_row = |(row, products): (usize, ndarray::ArrayView1<'_, f32>)| {
            let at = start + row;
            let others = products.iter().enumerate().filter(|&(other, _)| other != at);
            // Greatest first: the negative square of the distance.
            let near = |(other, dot): (usize, &f32)| (other as u32, 2.0 * dot - squares[at] - squares[other]);
            let mut found: Near = others.map(near).collect();
            keep_greatest(&mut found, count);
            sort_by_value(&mut found);
            found.into_iter().map(|(other, near)| (other, (-near).max(0.0))).collect()
        };
        products.rows().into_iter().enumerate().map(of_row).collect::<Vec<_>>()
    };
    eyas_kernels::map(points.nrows().div_ceil(PART), of_part).concat()
}

/// The mean share of the neighbours in one table that are neighbours in another one, too; `None` without points.
pub(crate) fn kept(before: &[Near], after: &[Near]) -> Option<f64> {
    let share = |(before, after): (&Near, &Near)| {
        let stays = before.iter().filter(|(point, _)| after.iter().any(|(other, _)| other == point)).count();
        (!before.is_empty()).then(|| stays as f64 / before.len() as f64)
    };
    let shares: Vec<f64> = before.iter().zip(after).filter_map(share).collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

/// The rows scaled to length 1; rows of zeros stay.
pub(crate) fn unit_rows(mut rows: Array2<f32>) -> Array2<f32> {
    for mut row in rows.rows_mut() {
        let length = row.dot(&row).sqrt();
        if length > 0.0 {
            row.mapv_inplace(|value| value / length);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_a_point_is_none_of_its_own() {
        let points = Array2::from_shape_vec((5, 1), vec![0.0, 1.0, 3.0, 3.0, 10.0]).unwrap();
        let found = neighbours(points.view(), 2);
        assert_eq!(found[0], [(1, 1.0), (2, 9.0)]);
        assert_eq!(found[2], [(3, 0.0), (1, 4.0)]);
        assert_eq!(found[4].iter().map(|pair| pair.0).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(neighbours(points.view(), 9)[1].len(), 4, "there are no more");
    }

    #[test]
    fn parts_are_joined() {
        let points = Array2::from_shape_fn((PART + 3, 1), |(row, _)| row as f32);
        let found = neighbours(points.view(), 1);
        assert_eq!((found.len(), found[PART + 2][0].0), (PART + 3, PART as u32 + 1));
    }

    #[test]
    fn the_share_that_is_kept() {
        let lists = |all: [&[u32]; 2]| all.map(|list| list.iter().map(|&at| (at, 0.0)).collect::<Vec<_>>());
        assert_eq!(kept(&lists([&[1, 2], &[0, 2]]), &lists([&[2, 3], &[2, 0]])), Some(0.75));
        assert_eq!(kept(&lists([&[], &[]]), &lists([&[], &[]])), None);
    }
}
