//! Pools of models to route among: a slot for each size, filled with the best model that costs about as much to run
//! (ModelLens, section 4.3 and tables 3 and 8 to 11).

use crate::error::{Error, Result};
use crate::snapshot::parse_amount;

/// The cost of a slot's model, as shares of the slot's size. In the paper's tables these are 0.43 to 1.03.
const COSTS: [f64; 2] = [0.4, 1.1];

/// Sizes of slots in billions of parameters, as in `70,27,8`.
///
/// # Errors
/// If there is none, or one is no size.
pub fn parse_pool(text: &str) -> Result<Vec<f64>> {
    let size = |part: &str| {
        parse_amount(part).ok_or_else(|| {
            Error::input(format!("\"{}\" is no size; a pool is a list of sizes in billions, as 70,27,8", part.trim()))
        })
    };
    text.split(',').map(size).collect()
}

/// The place, among models from the best, of that of each slot; slots choose one after the other, each model once. `cost` is
/// what a model computes with for each token, in billions of parameters; models of which it is not known fill no slot.
pub(super) fn fill(slots: &[f64], costs: &[Option<f64>]) -> Vec<Option<usize>> {
    let mut taken = vec![false; costs.len()];
    let choose = |&slot: &f64| {
        let fits = |cost: f64| (COSTS[0] * slot..=COSTS[1] * slot).contains(&cost);
        let found = (0..costs.len()).find(|&at| !taken[at] && costs[at].is_some_and(fits));
        found.inspect(|&at| taken[at] = true)
    };
    slots.iter().map(choose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_the_best_model_of_about_its_size() {
        let costs = [Some(405.0), None, Some(8.0), Some(3.0), Some(20.0), Some(72.0), Some(7.0)];
        assert_eq!(fill(&[70.0, 44.0, 8.0, 7.0], &costs), [Some(5), Some(4), Some(2), Some(3)]);
        assert_eq!(fill(&[7.0, 7.0, 7.0], &costs), [Some(3), Some(6), None], "each model once");
        assert_eq!(fill(&[200.0], &costs), [None]);
        assert_eq!(fill(&[8.0], &[]), [None]);
    }

    #[test]
    fn sizes_are_read_in_any_unit() {
        assert_eq!(parse_pool("70, 27B,500M").unwrap(), [70.0, 27.0, 0.5]);
        for text in ["", "70,", "-8", "large", "8;7"] {
            let error = parse_pool(text).unwrap_err().to_string();
            assert!(error.ends_with("is no size; a pool is a list of sizes in billions, as 70,27,8"), "{error}");
        }
    }
}
