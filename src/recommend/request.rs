//! A request for a forecast.

use crate::lineage::Parent;
use crate::snapshot::{Date, Factors};

/// The known facts of the model to forecast.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The id of the model itself. If it is in the snapshot, maybe in another spelling, its measured scores are the
    /// answer; a quantisation of a measured model has the scores of its original.
    pub id: Option<String>,
    /// Its name, if no id is known; another model may have the same name.
    pub name: Option<String>,
    /// Its parents.
    pub parents: Vec<Parent>,
    /// Its factors.
    pub factors: Factors,
    /// Its date.
    pub date: Option<Date>,
    /// Known scores by task, 0..1 of the task's range.
    pub scores: Vec<(String, f32)>,
    /// The facts that a person typed.
    pub typed: Typed,
    /// Tasks or benchmarks that the answer is about; `all` alone stands for all of them. If empty, all of a few; of many,
    /// those that matter most to the model, at most eight and those with a given score.
    pub tasks: Vec<String>,
}

/// The facts that a person typed; a warning is due if they are not used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Typed {
    /// Whether the user gave the id explicitly, so that an unknown id deserves a warning.
    pub id: bool,
    /// The names of the typed facts; `date` for the date.
    pub facts: Vec<String>,
}
