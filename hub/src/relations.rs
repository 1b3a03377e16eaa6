//! The relations of a child to its parent by number, the most certain first, as the plan orders them.

use eyas::lineage::Relation;

/// The relations, in the order of their numbers.
pub(crate) const RELATIONS: [Relation; 6] = [
    Relation::Finetune,
    Relation::ContinuedPretraining,
    Relation::Merge,
    Relation::Adapter,
    Relation::Quantized,
    Relation::Unstated,
];

pub(crate) fn number(relation: Relation) -> i32 {
    RELATIONS.iter().position(|known| *known == relation).unwrap_or(RELATIONS.len() - 1) as i32
}

pub(crate) fn of_number(number: i32) -> Relation {
    usize::try_from(number).ok().and_then(|at| RELATIONS.get(at)).copied().unwrap_or(Relation::Unstated)
}

pub(crate) fn is_quantized(relation: Relation) -> bool {
    relation == Relation::Quantized
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_ordered_by_certainty() {
        assert!(RELATIONS.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(RELATIONS.iter().all(|relation| of_number(number(*relation)) == *relation));
    }
}
