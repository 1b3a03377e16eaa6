//! The ids of tasks that are named by a dataset, its subset and split, and a metric.

use std::collections::HashMap;

/// What names a task: dataset, subset, split and metric; unknown ones are empty.
pub type Key = [String; 4];

/// The ids of tasks. They hold the subset, unless it is the whole; the split and metric only where these tell tasks
/// apart.
#[must_use]
pub fn ids(keys: &[&Key]) -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new(); // splits of a subset, and metrics of a split
    for [dataset, subset, split, metric] in keys {
        let with_split = joined(&[dataset, part_of(subset), split]);
        if !counts.contains_key(&with_split) {
            *counts.entry(joined(&[dataset, part_of(subset)])).or_default() += 1;
        }
        *counts.entry(with_split).or_default() += u32::from(!metric.is_empty());
    }
    let id = |[dataset, subset, split, metric]: &&Key| {
        let mut id = dataset.clone();
        if !part_of(subset).is_empty() {
            id = format!("{id}/{subset}");
        }
        if counts[&joined(&[dataset, part_of(subset)])] > 1 && !split.is_empty() {
            id = format!("{id} [{split}]");
        }
        if counts[&joined(&[dataset, part_of(subset), split])] > 1 && !metric.is_empty() {
            id = format!("{id} ({metric})");
        }
        id
    };
    keys.iter().map(id).collect()
}

/// A key of parts; no cell holds the separator.
pub(super) fn joined(parts: &[&str]) -> String {
    parts.join("\u{1f}")
}

/// A subset; empty if it is the whole dataset.
pub(super) fn part_of(subset: &str) -> &str {
    if ["default", "all", "overall", "-"].iter().any(|whole| subset.eq_ignore_ascii_case(whole)) { "" } else { subset }
}
