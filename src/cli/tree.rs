//! A pasted lineage as a small tree.

use eyas::formats::ParsedLineage;
use eyas::lineage::Parent;
use std::fmt::Write;

/// The model, its parents with their shares below it, and the parents of each merge stage below the stage.
pub(crate) fn tree(parsed: &ParsedLineage) -> String {
    let mut text = format!("{}: {}\n", parsed.kind, parsed.name.as_deref().unwrap_or("the model"));
    match parsed.stages.last() {
        Some(last) => {
            let mut expanded = vec![last.name.as_deref()];
            branches(&mut text, parsed, &last.parents, 1, &mut expanded);
        }
        None => branches(&mut text, parsed, &parsed.parents, 1, &mut Vec::new()),
    }
    text.push('\n');
    text
}

/// A stage is expanded only at its first occurrence.
fn branches<'p>(
    text: &mut String,
    parsed: &'p ParsedLineage,
    parents: &'p [Parent],
    depth: usize,
    expanded: &mut Vec<Option<&'p str>>,
) {
    let sum: f32 = parents.iter().map(|parent| parent.weight).sum();
    for parent in parents {
        let share = if parents.len() > 1 { format!("{:.0} % ", 100.0 * parent.weight / sum) } else { String::new() };
        let stage = parsed.stages.iter().find(|stage| stage.name.as_ref() == Some(&parent.id));
        let word = if stage.is_some() { "stage" } else { parent.relation.as_word() };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}{share}{} ({word})", "  ".repeat(depth), parent.id);
        if let Some(stage) = stage.filter(|stage| !expanded.contains(&stage.name.as_deref())) {
            expanded.push(stage.name.as_deref());
            branches(text, parsed, &stage.parents, depth + 1, expanded);
        }
    }
}
