//! Sorting and selecting integers. The routines of the standard library are as fast but cost a wasm module 3 KB gz.

/// At most this number of keys are inserted one after the other.
const FEW: usize = 48;
/// Parts into which a selection divides the keys before it sorts the rest instead: bad luck, or many equal keys.
const PARTS: usize = 64;

/// Sorts in ascending order, byte by byte from the lowest to the highest: a stable sort by each byte in which keys differ.
pub(super) fn sort(keys: &mut [u64]) {
    if keys.len() <= FEW {
        return insert(keys);
    }
    let differing = keys.iter().fold(0, |bits, key| bits | (key ^ keys[0]));
    // Positions in the lower half are most often in order.
    let lowest = if keys.is_sorted_by_key(|&key| key as u32) { u32::BITS } else { 0 };
    let mut spare = keys.to_vec();
    let (mut from, mut to, mut swapped) = (keys, &mut spare[..], false);
    for shift in (lowest..u64::BITS).step_by(8).filter(|&shift| byte(differing, shift) != 0) {
        let mut next = [0u32; 256];
        from.iter().for_each(|&key| next[byte(key, shift)] += 1);
        let mut start = 0;
        for slot in &mut next {
            start += std::mem::replace(slot, start);
        }
        for &key in from.iter() {
            let slot = &mut next[byte(key, shift)];
            to[*slot as usize] = key;
            *slot += 1;
        }
        (from, to, swapped) = (to, from, !swapped);
    }
    if swapped {
        to.copy_from_slice(from);
    }
}

/// Puts the `count` lowest keys before all others.
pub(super) fn select(mut keys: &mut [u64], mut count: usize) {
    for _ in 0..PARTS {
        if keys.len() <= FEW {
            break;
        }
        let low = divide(keys);
        if count < low {
            keys = &mut keys[..low];
        } else {
            keys = &mut keys[low..];
            count -= low;
        }
    }
    sort(keys);
}

/// Puts keys up to a middle one before those above it, without a branch that depends on a key. The number of the former
fn divide(keys: &mut [u64]) -> usize {
    let [first, middle, last] = [0, keys.len() / 2, keys.len() - 1].map(|at| keys[at]);
    let pivot = first.min(middle).max(first.max(middle).min(last));
    let mut low = 0;
    for at in 0..keys.len() {
        keys.swap(at, low);
        low += usize::from(keys[low] <= pivot);
    }
    low
}

fn insert(keys: &mut [u64]) {
    for end in 1..keys.len() {
        let key = keys[end];
        let mut at = end;
        while at > 0 && keys[at - 1] > key {
            keys[at] = keys[at - 1];
            at -= 1;
        }
        keys[at] = key;
    }
}

fn byte(key: u64, shift: u32) -> usize {
    (key >> shift) as usize & 0xff
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agree(keys: &[u64], count: usize) {
        let mut expected = keys.to_vec();
        expected.sort_unstable();
        let mut sorted = keys.to_vec();
        sort(&mut sorted);
        assert_eq!(sorted, expected);
        let mut selected = keys.to_vec();
        select(&mut selected, count);
        let (low, high) = selected.split_at_mut(count);
        low.sort_unstable();
        high.sort_unstable();
        assert_eq!(selected, expected);
    }

    proptest! {
        #[test]
        fn keys_of_any_kind_agree_with_the_generic_sort(
            keys in prop::collection::vec(any::<u64>(), 0..400),
            bits in 0u32..64,
            share in 0.0..=1.0,
        ) {
            let few: Vec<u64> = keys.iter().map(|key| key >> bits).collect();
            let numbered: Vec<u64> = (0..).zip(&keys).map(|(at, key)| (key >> bits) << 32 | at).collect();
            for keys in [keys, few, numbered] {
                agree(&keys, (share * keys.len() as f64) as usize);
            }
        }
    }

    #[test]
    fn equal_and_ordered_keys_are_selected_in_bounded_time() {
        let n = 100_000;
        let pipe = (0..n).map(|at| at.min(n - at)).collect();
        for keys in [vec![7; n as usize], (0..n).collect(), (0..n).rev().collect(), pipe] {
            agree(&keys, n as usize / 3);
        }
    }
}
