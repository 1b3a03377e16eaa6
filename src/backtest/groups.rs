//! Groups of held-out models with their own metrics: a total can hide poor forecasts for some of them.

use super::Held;
use super::held::count_known;
use crate::snapshot::{ModelIndex, Snapshot};
use serde::{Serialize, Serializer};
use std::fmt;

/// The common property of a group's models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// At least one parent has results in training.
    ParentKnown,
    /// No parent has results in training.
    ParentUnknown,
    /// Fewer than 3 billion parameters.
    Small,
    /// 3 to 9 billion.
    Medium,
    /// 9 to 30 billion.
    Large,
    /// 30 billion and more.
    Huge,
    /// The factors have no number of parameters.
    SizeUnknown,
}

impl Group {
    /// The groups of a model: by its parents, and by its size.
    pub(super) fn of(snapshot: &Snapshot, held: &Held, model: ModelIndex) -> [Self; 2] {
        let trained = |node: u32| {
            let known = |model| count_known(snapshot, model) > held.cells.count_row(node as usize);
            (node as usize) < snapshot.models.len() && known(ModelIndex(node))
        };
        let parent = snapshot.lineage.parents(model.0).any(|edge| trained(edge.parent));
        let size = match snapshot.models[model.0 as usize].facts().params {
            None => Self::SizeUnknown,
            Some(size) if size < 3.0 => Self::Small,
            Some(size) if size < 9.0 => Self::Medium,
            Some(size) if size < 30.0 => Self::Large,
            Some(_) => Self::Huge,
        };
        [if parent { Self::ParentKnown } else { Self::ParentUnknown }, size]
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ParentKnown => "parent known",
            Self::ParentUnknown => "parent unknown",
            Self::Small => "below 3B",
            Self::Medium => "3B to 9B",
            Self::Large => "9B to 30B",
            Self::Huge => "from 30B",
            Self::SizeUnknown => "size unknown",
        })
    }
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
