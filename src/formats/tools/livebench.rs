//! LiveBench: `table_YYYY_MM_DD.csv`, a row for each model and a column for each subtask in percent. The file
//! `categories_YYYY_MM_DD.json` beside it (`{category: [subtask]}`) gives the subtasks' types. Tables of costs
//! (`cost_YYYY_MM_DD.csv`) have the same columns and are refused.

use super::{File, row_cells};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::{Folder, stem};
use crate::formats::table::Table;
use crate::snapshot::{DataSource, Date, Detail};
use serde_json::Value;

/// Subtasks of which each release has some.
const SUBTASKS: [&str; 16] = [
    "AMPS_Hard",
    "LCB_generation",
    "code_completion",
    "code_generation",
    "coding_completion",
    "connections",
    "math_comp",
    "olympiad",
    "plot_unscrambling",
    "tablejoin",
    "tablereformat",
    "theory_of_mind",
    "typos",
    "web_of_lies_v2",
    "web_of_lies_v3",
    "zebra_puzzle",
];

pub(super) fn recognise(table: &Table<'_>) -> bool {
    let known = table.header.iter().filter(|name| SUBTASKS.contains(&name.as_str())).count();
    table.header.first().is_some_and(|first| first == "model") && known >= 4
}

/// Whether a file holds the categories of a table that is read with it.
pub(super) fn is_companion(file: &File<'_>) -> bool {
    let Some(date) = stem(file.name).strip_prefix("categories_") else { return false };
    categories(file.value).next().is_some() && file.folder.beside(file.name, &format!("table_{date}.csv")).is_some()
}

/// The subtasks with their categories; nothing if a value has another form.
fn categories(value: &Value) -> impl Iterator<Item = (&str, &str)> {
    let lists = value.as_object().into_iter().flatten();
    let all = lists.filter_map(|(category, subtasks)| Some((category.as_str(), subtasks.as_array()?)));
    all.flat_map(|(category, subtasks)| subtasks.iter().filter_map(move |subtask| Some((subtask.as_str()?, category))))
}

pub(super) fn read(mut table: Table<'_>, folder: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let name = stem(table.name);
    let prices = ["cost_per_question", "input_price_per_million", "cost_per_successful_task"];
    if name.starts_with("cost_") || table.column(&prices).is_some() {
        let message = "holds the costs of LiveBench and no scores; give table_YYYY_MM_DD.csv of the same release";
        return Err(Error::input(message).at(table.head()));
    }
    let date = name.strip_prefix("table_").unwrap_or_default();
    let beside = folder.beside(table.name, &format!("categories_{date}.json"));
    let types: Value = beside.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let measure = |subtask: &String| {
        let category = categories(&types).find(|(known, _)| known == subtask).map(|(_, category)| category.to_owned());
        Measure { task_type: category, ..Measure::new(subtask, None) }.percent()
    };
    let measures: Vec<Measure> = table.header.iter().map(measure).collect();
    to.source(DataSource {
        url: Some("https://livebench.ai".to_owned()),
        date: release(date),
        ..DataSource::new("LiveBench", DataSource::NOT_STATED)
    });
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let model = to.model(row.model(0)?);
        for (at, measure) in measures.iter().enumerate().skip(1).filter(|(_, measure)| !measure.dataset.is_empty()) {
            if let Some(score) = row_cells::number(row, Some(at), decimal_comma) {
                to.score(model, measure, score.value, Detail::default());
            }
        }
        Ok(())
    })
}

/// The day of a release that is written `2026_06_25`.
fn release(text: &str) -> Option<Date> {
    text.replace('_', "-").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};
    use crate::snapshot::Range;

    const TABLE: &str = "model,AMPS_Hard,connections,math_comp,typos,zebra_puzzle\n\
        bird-7b-high-effort,99.0,80.435,1.5,,77.5\ncrow-8b,0.5,,60,61,62.5\n";

    #[test]
    fn a_table_has_a_column_for_each_subtask() {
        let categories = r#"{"Mathematics": ["AMPS_Hard", "math_comp"], "Language": ["connections", "typos"]}"#;
        let imported =
            read(&[("public/table_2026_06_25.csv", TABLE), ("public/categories_2026_06_25.json", categories)]);
        assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
        assert_eq!(scores(&imported).len(), 8);
        assert_eq!(scores(&imported)[2], "bird-7b-high-effort math_comp 1.5");
        let snapshot = &imported.snapshot;
        assert!(snapshot.tasks.iter().all(|task| task.range == Some(Range::PERCENT)));
        let types: Vec<_> = snapshot.tasks.iter().map(|task| task.task_type.as_deref()).collect();
        assert_eq!(
            types,
            [Some("Mathematics"), Some("Language"), Some("Mathematics"), None, Some("Language")],
            "in the order of their first scores"
        );
        assert_eq!(
            (snapshot.sources[0].name.as_str(), snapshot.sources[0].date.unwrap().to_string().as_str()),
            ("LiveBench", "2026-06-25")
        );
    }

    #[test]
    fn costs_are_no_scores() {
        let error = try_read(&[("cost_2026_06_25.csv", TABLE)]).unwrap_err().to_string();
        assert!(error.contains("the costs of LiveBench"), "{error}");
        let more = TABLE.replace("zebra_puzzle", "cost_per_question");
        assert!(try_read(&[("x.csv", &more)]).unwrap_err().to_string().contains("the costs of LiveBench"));
        let imported = read(&[("table_2026_06_25.csv", TABLE), ("cost_2026_06_25.csv", TABLE)]);
        assert_eq!(scores(&imported).len(), 8);
        assert!(imported.warnings[0].to_string().contains("left out"), "{:?}", imported.warnings);
    }
}
