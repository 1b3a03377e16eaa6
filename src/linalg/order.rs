//! Sorting with few routines. A generic sort is compiled again for every type and comparison and costs a wasm module 2
//! to 5 KB each time. These functions therefore sort integers that encode the values, or positions.

use super::keys::{select, sort};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The positions `0..n` sorted by `compare`; the sort is stable.
pub fn order(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut from: Vec<usize> = (0..n).collect();
    let mut to = vec![0; n];
    let mut width = 1;
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let (middle, end) = ((start + width).min(n), (start + 2 * width).min(n));
            let (mut left, mut right) = (start, middle);
            for slot in &mut to[start..end] {
                let later = left == middle || (right < end && compare(from[right], from[left]) == Ordering::Less);
                let next = if later { &mut right } else { &mut left };
                *slot = from[*next];
                *next += 1;
            }
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    from
}

/// The distinct texts in ascending order.
pub(crate) fn distinct(texts: Vec<String>) -> Vec<String> {
    let order = order(texts.len(), &mut |a, b| texts[a].cmp(&texts[b]));
    let mut sorted: Vec<String> = Vec::new();
    for at in order {
        if sorted.last() != Some(&texts[at]) {
            sorted.push(texts[at].clone());
        }
    }
    sorted
}

/// A map of these pairs, of equal keys the last. `collect` would sort the pairs first, by a routine of its own for each type.
pub(crate) fn map_of<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// Sorts by [`f32::total_cmp`].
pub(crate) fn sort_floats(values: &mut [f32]) {
    let mut keys: Vec<u64> = values.iter().map(|&value| u64::from(key(value))).collect();
    sort(&mut keys);
    values.iter_mut().zip(keys).for_each(|(value, key)| *value = of_key(key as u32));
}

/// Sorts in ascending order.
pub(crate) fn sort_numbers(values: &mut [u32]) {
    let mut keys: Vec<u64> = values.iter().map(|&value| u64::from(value)).collect();
    sort(&mut keys);
    values.iter_mut().zip(keys).for_each(|(value, key)| *value = key as u32);
}

/// Sorts by the numbers in ascending order; pairs with equal numbers are sorted by [`f32::total_cmp`] of their values.
pub(crate) fn sort_by_number(pairs: &mut [(u32, f32)]) {
    let mut keys: Vec<u64> = pairs.iter().map(|&(number, value)| join(number, key(value))).collect();
    sort(&mut keys);
    pairs.iter_mut().zip(keys).for_each(|(pair, joined)| *pair = ((joined >> 32) as u32, of_key(joined as u32)));
}

/// Sorts by the values in descending order; of pairs with equal values the smaller number comes first.
pub(crate) fn sort_by_value(pairs: &mut [(u32, f32)]) {
    let mut keys: Vec<u64> = pairs.iter().map(by_value).collect();
    sort(&mut keys);
    pairs.iter_mut().zip(keys).for_each(|(pair, key)| *pair = pair_of(key));
}

/// Keeps the `count` pairs that [`sort_by_value`] would put first, unsorted.
pub(crate) fn keep_greatest(pairs: &mut Vec<(u32, f32)>, count: usize) {
    if count < pairs.len() {
        let mut keys: Vec<u64> = pairs.iter().map(by_value).collect();
        select(&mut keys, count);
        pairs.truncate(count);
        pairs.iter_mut().zip(keys).for_each(|(pair, key)| *pair = pair_of(key));
    }
}

fn by_value(&(number, value): &(u32, f32)) -> u64 {
    join(!key(value), number)
}

fn pair_of(key: u64) -> (u32, f32) {
    (key as u32, of_key(!((key >> 32) as u32)))
}

fn join(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// An integer that sorts as the float does by [`f32::total_cmp`].
fn key(value: f32) -> u32 {
    let bits = value.to_bits();
    bits ^ if bits >> 31 == 1 { u32::MAX } else { 1 << 31 }
}

/// The inverse of [`key`].
fn of_key(key: u32) -> f32 {
    f32::from_bits(key ^ if key >> 31 == 1 { 1 << 31 } else { u32::MAX })
}

/// Some numbers of a range, in a random order.
pub(crate) fn sample(n: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    all.shuffle(&mut rand_pcg::Pcg64Mcg::seed_from_u64(seed));
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_agree_with_the_generic_sort(values in prop::collection::vec((0u32..9, any::<f32>()), 0..70), count in 0usize..70) {
            let floats: Vec<f32> = values.iter().map(|pair| pair.1).collect();
            let bits = |pairs: &[(u32, f32)]| pairs.iter().map(|pair| (pair.0, pair.1.to_bits())).collect::<Vec<_>>();

            let mut expected: Vec<usize> = (0..values.len()).collect();
            expected.sort_by_key(|&at| values[at].0);
            prop_assert_eq!(order(values.len(), &mut |a, b| values[a].0.cmp(&values[b].0)), expected);

            let (mut sorted, mut expected) = (floats.clone(), floats);
            sort_floats(&mut sorted);
            expected.sort_by(f32::total_cmp);
            prop_assert!(sorted.iter().map(|v| v.to_bits()).eq(expected.iter().map(|v| v.to_bits())));

            let (mut sorted, mut expected) = (values.clone(), values.clone());
            sort_by_value(&mut sorted);
            expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            prop_assert_eq!(bits(&sorted), bits(&expected));

            let mut kept = values.clone();
            keep_greatest(&mut kept, count);
            sort_by_value(&mut kept);
            expected.truncate(count);
            prop_assert_eq!(bits(&kept), bits(&expected));

            let mut sorted = values.clone();
            sort_by_number(&mut sorted);
            prop_assert!(sorted.is_sorted_by_key(|pair| pair.0));
            sort_by_value(&mut sorted);
            let mut all = values;
            sort_by_value(&mut all);
            prop_assert_eq!(bits(&sorted), bits(&all));
        }
    }

    #[test]
    fn a_map_has_the_last_of_equal_keys() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(map_of(pairs), pairs.into_iter().collect());
    }

    #[test]
    fn texts_are_each_once_in_order() {
        let texts = ["b", "a", "b", ""].map(str::to_owned).to_vec();
        assert_eq!(distinct(texts), ["", "a", "b"]);
    }
}
