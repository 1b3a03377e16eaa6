//! What was understood of a pasted lineage, as a small tree.

use eyas::formats::ParsedLineage;
use eyas::lineage::Parent;
use std::fmt::Write;

/// The model, below it its parents with their shares, and below a stage of a merge what that was made of.
pub(crate) fn tree(parsed: &ParsedLineage) -> String {
    let mut text = format!("{}: {}\n", parsed.kind, parsed.name.as_deref().unwrap_or("the model"));
    match parsed.stages.last() {
        Some(last) => {
            let mut told = vec![last.name.as_deref()];
            branches(&mut text, parsed, &last.parents, 1, &mut told);
        }
        None => branches(&mut text, parsed, &parsed.parents, 1, &mut Vec::new()),
    }
    text.push('\n');
    text
}

/// A stage is written out where it comes first.
fn branches<'p>(
    text: &mut String,
    parsed: &'p ParsedLineage,
    parents: &'p [Parent],
    depth: usize,
    told: &mut Vec<Option<&'p str>>,
) {
    let sum: f32 = parents.iter().map(|parent| parent.weight).sum();
    for parent in parents {
        let share = if parents.len() > 1 { format!("{:.0} % ", 100.0 * parent.weight / sum) } else { String::new() };
        let stage = parsed.stages.iter().find(|stage| stage.name.as_ref() == Some(&parent.id));
        let word = if stage.is_some() { "stage" } else { parent.relation.as_word() };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}{share}{} ({word})", "  ".repeat(depth), parent.id);
        if let Some(stage) = stage.filter(|stage| !told.contains(&stage.name.as_deref())) {
            told.push(stage.name.as_deref());
            branches(text, parsed, &stage.parents, depth + 1, told);
        }
    }
}
