//! What is asked of a model.

use crate::lineage::Parent;
use crate::snapshot::{Date, Factors};

/// A model to forecast, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The id of the model itself. Where the snapshot knows it, maybe by another spelling, what is measured of it is the
    /// answer; a quantisation of a measured model has the scores of its original.
    pub id: Option<String>,
    /// Its name, where no id is known: it may be the name of another model too.
    pub name: Option<String>,
    /// Its parents.
    pub parents: Vec<Parent>,
    /// Its factors.
    pub factors: Factors,
    /// Its date.
    pub date: Option<Date>,
    /// Scores it has already, by task, as 0..1 of the task's range.
    pub scores: Vec<(String, f32)>,
    /// What of it a person typed.
    pub typed: Typed,
}

/// What a person typed, and so is to be told of where it comes to nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Typed {
    /// The id is asked for by itself: it should be known.
    pub id: bool,
    /// The names of facts, `date` for the date.
    pub facts: Vec<String>,
}
