//! The Berkeley function-calling leaderboard: `data_overall.csv` of its releases 2 to 4.
//!
//! The scores of categories are read, in percent. Columns whose name ends with `Acc` or `Summary` are averages of others and
//! are left out, as are costs, times, and the sensitivity to formats, which is a spread of scores. A model may have two rows,
//! ` (FC)` (native function calls) and ` (Prompt)`: they stay apart.

use super::row_cells;
use crate::error::Result;
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::Folder;
use crate::formats::hub_id;
use crate::formats::markup::without_note;
use crate::formats::table::Table;
use crate::formats::words::{Sense, sense};
use crate::snapshot::{DataSource, Detail};
use std::collections::HashMap;

pub(super) fn recognise(table: &Table<'_>) -> bool {
    let has = |name: &str| table.column(&[name]).is_some();
    has("Overall Acc") && has("Model") && has("Model Link") && (has("Live Acc") || has("Non-Live AST Acc"))
}

/// What a column holds.
#[derive(PartialEq)]
enum Kind {
    Score,
    Average,
    Spread,
    About,
}

fn kind(name: &str) -> Kind {
    if name.ends_with(" Acc") || name.ends_with(" Summary") {
        return Kind::Average;
    }
    if name.starts_with("Format Sensitivity") {
        return Kind::Spread;
    }
    let about = ["Organization", "Model", "Model Link"].contains(&name)
        || matches!(
            sense(name),
            Some(Sense::Rank | Sense::Cost | Sense::Effort | Sense::Licence | Sense::Deviation | Sense::Index)
        );
    if about || name.starts_with("Latency") { Kind::About } else { Kind::Score }
}

pub(super) fn read(mut table: Table<'_>, _: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let model = table.require(&["Model"])?;
    let [link, organisation, licence] = ["Model Link", "Organization", "License"].map(|name| table.column(&[name]));
    let mut kinds: Vec<Kind> = table.header.iter().map(|name| kind(name)).collect();
    if !kinds.contains(&Kind::Score) {
        kinds.iter_mut().filter(|kind| **kind == Kind::Average).for_each(|kind| *kind = Kind::Score);
    }
    let count = |wanted: &Kind| kinds.iter().filter(|kind| *kind == wanted).count();
    to.leave_out("columns", "averages of other columns", count(&Kind::Average));
    to.leave_out("columns", "spreads of scores over formats", count(&Kind::Spread));
    let mut rows: HashMap<String, u32> = HashMap::new(); // of each name without its mode
    table.again()?.each(|row| {
        *rows.entry(without_note(row.get(model)).0.to_owned()).or_default() += 1;
        Ok(())
    })?;
    to.source(DataSource {
        url: Some("https://gorilla.cs.berkeley.edu/leaderboard.html".to_owned()),
        ..DataSource::new("Berkeley Function-Calling Leaderboard", "Apache-2.0")
    });
    let measure = |subset: &String| {
        let subset = (!subset.is_empty()).then(|| subset.clone());
        Measure { subset, ..Measure::new("BFCL", Some("accuracy")) }.percent()
    };
    let measures: Vec<Measure> = table.header.iter().map(measure).collect();
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let full = row.model(model)?;
        let name = without_note(full).0;
        let is_one = rows.get(name) == Some(&1);
        let at = to.model(if is_one { name } else { full });
        let link = row_cells::text(row, link);
        let hub = Some(link).filter(|link| link.contains("huggingface.co/")).and_then(hub_id);
        for other in [hub, Some(full)].into_iter().flatten().filter(|_| is_one) {
            let about = to.about(at);
            let is_new = about.id != other && !about.names.iter().any(|known| known == other);
            about.names.extend(is_new.then(|| other.to_owned()));
        }
        row_cells::licence_and_link(to, at, row_cells::text(row, licence), link);
        to.fact(at, "organization", row_cells::text(row, organisation));
        for ((column, measure), _) in measures.iter().enumerate().zip(&kinds).filter(|(_, kind)| **kind == Kind::Score)
        {
            if let Some(score) = row_cells::number(row, Some(column), decimal_comma) {
                to.score(at, measure, score.value, Detail::default());
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};
    use crate::snapshot::{Factor, Range};

    #[test]
    fn categories_are_tasks_and_averages_are_left_out() {
        let imported = read(&[(
            "data_overall.csv",
            "Rank,Overall Acc,Model,Model Link,Total Cost ($),Latency Mean (s),Latency 95th Percentile (s),Non-Live AST Acc,Non-Live Simple AST,Live Acc,Live Simple AST,Web Search Acc,Web Search Base,Irrelevance Detection,Format Sensitivity Max Delta,Organization,License\n\
             1,74.24%,bird-7b (FC),https://huggingface.co/acme/bird-7b/,N/A,3.4,7.7,84.06%,78.75%,77.65%,84.88%,N/A,N/A,76.32%,N/A,Acme,Apache-2.0\n\
             2,72.02%,crow-8b (Prompt),https://example.org/crow,13.54,0.78,1.48,88.10%,79.42%,79.65%,83.72%,60.0%,59.00%,83.76%,12.5,Other,Proprietary\n\
             3,70.00%,crow-8b (FC),https://example.org/crow,13.54,0.78,1.48,88.10%,71.42%,79.65%,73.72%,60.0%,49.00%,73.76%,12.5,Other,Proprietary\n",
        )]);
        let snapshot = &imported.snapshot;
        let tasks: Vec<_> = snapshot.tasks.iter().map(|task| task.id.as_str()).collect();
        let expected = ["Non-Live Simple AST", "Live Simple AST", "Irrelevance Detection", "Web Search Base"];
        assert_eq!(tasks, expected.map(|name| format!("BFCL/{name}")));
        assert!(snapshot.tasks.iter().all(|task| task.range == Some(Range::PERCENT)));
        assert_eq!(scores(&imported)[0], "bird-7b BFCL/Non-Live Simple AST 78.75");
        let ids: Vec<_> = snapshot.models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["bird-7b", "crow-8b (Prompt)", "crow-8b (FC)"]);
        let model = &snapshot.models[0];
        assert_eq!(model.names, ["acme/bird-7b", "bird-7b (FC)"]);
        assert_eq!(
            (model.license.as_deref(), &model.factors["organization"]),
            (Some("Apache-2.0"), &Factor::Text("Acme".into()))
        );
        assert_eq!(snapshot.sources[0].license, "Apache-2.0");
        assert_eq!(imported.report.dropped.iter().map(|dropped| dropped.count).collect::<Vec<_>>(), [4, 1]);
    }
}
