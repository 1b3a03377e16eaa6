//! The arena of LMArena (Chatbot Arena): tables of ratings (`lmarena_text.csv`, with `arena_score`, half the width of its
//! 95 % interval and the number of votes), and the older table of MT-bench and MMLU beside each model.

use super::row_cells;
use crate::error::Result;
use crate::formats::cells::half_width;
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::{Folder, stem};
use crate::formats::table::{Row, Table};
use crate::snapshot::{DataSource, Declared, Detail, Range};

/// Half the width of a 95 % interval in standard errors.
const HALF_WIDTH: f64 = 1.96;

/// The columns of facts.
struct About {
    organisation: Option<usize>,
    licence: Option<usize>,
    cutoff: Option<usize>,
    link: Option<usize>,
}

impl About {
    fn of(table: &Table<'_>) -> Self {
        Self {
            organisation: table.column(&["organization"]),
            licence: table.column(&["license"]),
            cutoff: table.column(&["knowledge_cutoff", "knowledge cutoff date"]),
            link: table.column(&["url", "link"]),
        }
    }

    fn give(&self, row: &Row<'_>, model: u32, to: &mut Collection<'_>) {
        to.fact(model, "organization", row_cells::text(row, self.organisation));
        to.fact(model, "knowledge_cutoff", row_cells::text(row, self.cutoff));
        row_cells::licence_and_link(to, model, row_cells::text(row, self.licence), row_cells::text(row, self.link));
    }
}

pub(super) fn recognise(table: &Table<'_>) -> bool {
    let has = |name: &str| table.column(&[name]).is_some();
    ["model", "arena_score", "95_pct_ci", "votes", "rank_stylectrl"].iter().all(|name| has(name))
}

pub(super) fn read(mut table: Table<'_>, _: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let [model, score, interval] = ["model", "arena_score", "95_pct_ci"].map(|name| table.require(&[name]));
    let (model, score, interval) = (model?, score?, interval?);
    let (votes, about) = (table.column(&["votes"]), About::of(&table));
    // The modality is in the file's name: lmarena_vision.csv.
    let subset = stem(table.name).strip_prefix("lmarena_").map(str::to_owned);
    let measure = Measure { subset, declared: Declared::Open, ..Measure::new("LMArena", Some("Elo rating")) };
    to.board("LMArena", "https://lmarena.ai", DataSource::NOT_STATED);
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let at = to.model(row.model(model)?);
        about.give(row, at, to);
        let Some(rating) = row_cells::number(row, Some(score), decimal_comma) else {
            to.leave_out("models", "no rating", 1);
            return Ok(());
        };
        let half = half_width(row.get(interval)).or(rating.error);
        let detail = Detail {
            error: half.map(|half| (half / HALF_WIDTH) as f32),
            items: row_cells::count(row, votes, decimal_comma),
            ..Detail::default()
        };
        to.score(at, &measure, rating.value, detail);
        Ok(())
    })
}

pub(super) fn recognise_old(table: &Table<'_>) -> bool {
    ["key", "model", "mt-bench (score)", "mmlu", "license"].iter().all(|name| table.column(&[name]).is_some())
}

pub(super) fn read_old(mut table: Table<'_>, _: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let [key, model, bench, mmlu] = ["key", "model", "mt-bench (score)", "mmlu"].map(|name| table.require(&[name]));
    let (key, model, about) = (key?, model?, About::of(&table));
    let grade = Declared::Range(Range { low: 0.0, high: 10.0 });
    let scores = [
        (bench?, Measure { declared: grade, ..Measure::new("MT-Bench", Some("score")) }),
        (mmlu?, Measure::new("MMLU", Some("accuracy")).fraction()),
    ];
    to.board("LMArena", "https://lmarena.ai", DataSource::NOT_STATED);
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let (name, id) = (row.get(model), row.get(key));
        let at = to.model(if id.is_empty() { row.model(model)? } else { row.model(key)? });
        about.give(row, at, to);
        let names = &mut to.about(at).names;
        names.extend((!name.is_empty() && name != id && names.is_empty()).then(|| name.to_owned()));
        for (column, measure) in &scores {
            if let Some(score) = row_cells::number(row, Some(*column), decimal_comma) {
                to.score(at, measure, score.value, Detail::default());
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};
    use crate::snapshot::{Factor, ModelIndex, Range, TaskIndex};

    #[test]
    fn ratings_have_errors_and_votes() {
        let imported = read(&[(
            "csv/lmarena_text.csv",
            "rank,rank_stylectrl,model,arena_score,95_pct_ci,votes,organization,license,knowledge_cutoff,url\n\
             1,1,Bird-2.5,1470,+5/-5,26019,Acme,Proprietary,2025/1,https://example.org\n\
             2,2,Crow-4,1446,+6/-4,\"13,715\",Other,MIT,,https://example.org/crow\n3,3,Owl,,,,,,,\n",
        )]);
        assert_eq!(scores(&imported), ["Bird-2.5 LMArena/text 1470", "Crow-4 LMArena/text 1446"]);
        let snapshot = &imported.snapshot;
        assert_eq!((snapshot.tasks[0].range, snapshot.tasks[0].lower_is_better), (None, false));
        let detail = snapshot.details.get(ModelIndex(1), TaskIndex(0)).unwrap();
        assert!((detail.error.unwrap() - 5.0 / 1.96).abs() < 1e-5);
        assert_eq!(detail.items, Some(13_715));
        let model = &snapshot.models[0];
        assert_eq!(
            (model.license.as_deref(), model.url.as_deref()),
            (Some("Proprietary"), Some("https://example.org"))
        );
        assert_eq!(model.factors["organization"], Factor::Text("Acme".into()));
        assert_eq!(model.factors["knowledge_cutoff"], Factor::Text("2025/1".into()));
        assert_eq!(snapshot.sources[0].name, "LMArena");
    }

    #[test]
    fn the_old_table_has_other_benchmarks() {
        let imported = read(&[(
            "leaderboard_table_20240101.csv",
            "key,Model,MT-bench (score),MMLU,Knowledge cutoff date,License,Organization,Link\n\
             bird-30b,Bird-30B,7.01,0.587,2023/6,Non-commercial,Acme,https://example.org\ncrow-7b,Crow-7B,-,0.501,Unknown,-,Acme,-\n",
        )]);
        assert_eq!(scores(&imported), ["bird-30b MT-Bench 7.01", "bird-30b MMLU 0.587", "crow-7b MMLU 0.501"]);
        let snapshot = &imported.snapshot;
        assert_eq!(snapshot.tasks[0].range, Some(Range { low: 0.0, high: 10.0 }));
        assert_eq!(snapshot.tasks[1].range, Some(Range::FRACTION));
        assert_eq!((&snapshot.models[0].names, &snapshot.models[1].license), (&vec!["Bird-30B".to_owned()], &None));
        assert!(!snapshot.models[1].factors.contains_key("knowledge_cutoff"));
    }
}
