//! Whether a table has its tasks in rows and its models in columns: by the header of the column of tasks, or, where the
//! header does not tell, by names that are known to be of benchmarks or models.

use super::known_names::balance;
use super::markup;
use super::report::{Columns, Role};
use super::table::Table;
use super::words::{Sense, TASKS, sense};
use crate::error::Result;
use crate::linalg::parse_number;
use crate::snapshot::name_words;

/// Nouns that name the tasks of the rows.
const NOUNS: [&str; 14] = [
    "benchmark",
    "benchmarks",
    "dataset",
    "datasets",
    "task",
    "tasks",
    "eval",
    "evals",
    "evaluation",
    "evaluations",
    "test",
    "tests",
    "metric",
    "metrics",
];

/// Names of columns that describe the task of a row.
const ABOUT: [&str; 33] = [
    "version",
    "metric",
    "metrics",
    "evaluation metric",
    "eval metric",
    "mode",
    "split",
    "subset",
    "shots",
    "# shots",
    "n shot",
    "n shots",
    "num shots",
    "shot",
    "few shot",
    "setting",
    "settings",
    "total count",
    "filter",
    "category",
    "categories",
    "type",
    "task type",
    "task category",
    "capability",
    "domain",
    "area",
    "skill",
    "language",
    "languages",
    "group",
    "source",
    "inference type",
];

/// Names of columns of groups of tasks, which name the tasks themselves where no other column does.
const GROUPS: [&str; 6] = ["category", "categories", "capability", "domain", "area", "skill"];

/// A table with its tasks in rows.
#[derive(Debug, PartialEq)]
pub(super) struct Turned {
    /// The column of the tasks.
    pub(super) task: usize,
    /// Columns of neither the tasks nor a model.
    pub(super) skipped: Vec<usize>,
}

/// On which side the models stand.
pub(super) enum Sides {
    /// In the rows, or it is not known at all that these are no models.
    Models,
    /// In the columns.
    Tasks(Turned),
    /// Nothing tells.
    Unknown,
}

/// Whether a column describes the task of a row.
pub(super) fn is_about(name: &str) -> bool {
    let words = name_words(name);
    words.trim().is_empty() || ABOUT.contains(&words.trim())
}

/// Whether a header names the tasks of the rows: `Benchmarks`, `Benchmark (shots)`, `Dataset / Model`.
fn names_tasks(name: &str) -> bool {
    let plain = name.split(['(', '\\', '/', '|', '→', '↓']).next().unwrap_or_default();
    let words = name_words(plain);
    let words = words.trim();
    let last = words.rsplit(' ').next().unwrap_or_default();
    let known = matches!(sense(plain), None | Some(Sense::Task));
    known && (TASKS.contains(&words) || (NOUNS.contains(&last) && words.split(' ').count() <= 2))
}

/// On which side of a table the models stand.
///
/// # Errors
/// If a row can't be read.
pub(super) fn sides(table: &Table<'_>, given: &Columns) -> Result<Sides> {
    let header = &table.header;
    if header.iter().any(|name| given.of(name).is_some_and(|(role, _)| role == Role::Model)) {
        return Ok(Sides::Models);
    }
    let metric = |name: &str| name_words(name).trim().starts_with("metric");
    let tasks = (0..header.len()).find(|&at| names_tasks(&header[at]) && !metric(&header[at]));
    let tasks = tasks.filter(|&at| header[..at].iter().all(|name| is_about(name)));
    let named = tasks.or_else(|| header.first().is_some_and(|name| names_tasks(name)).then_some(0));
    let first = named.unwrap_or(0);
    let others: Vec<usize> = (0..header.len()).filter(|&at| at != first && !is_about(&header[at])).collect();
    // Models have names of their own: a column with a known meaning is none.
    let (models, skipped): (Vec<usize>, Vec<usize>) =
        others.iter().partition(|&&at| sense(&header[at]).is_none() || header[at].contains('/'));
    // Nor do models have numbers as names, as items have.
    let numbered = models.iter().all(|&at| parse_number(&header[at]).is_some());
    if models.is_empty() || numbered || skipped.iter().any(|&at| matches!(sense(&header[at]), Some(Sense::Model(_)))) {
        return Ok(Sides::Models);
    }
    if named.is_some() && skipped.is_empty() {
        return Ok(Sides::Tasks(Turned { task: first, skipped }));
    }
    let across = balance(models.iter().map(|&at| header[at].as_str()));
    let words = name_words(&header[0]);
    let is_model = matches!(sense(&header[0]), Some(Sense::Model(_)));
    let untold = named.is_some() || ["", "unnamed 0"].contains(&words.trim()) || GROUPS.contains(&words.trim());
    let asks = untold || header[0].contains('→') || (is_model && across >= 2);
    if !asks || (is_model && header[0].contains('↓')) {
        return Ok(Sides::Models);
    }
    let mut names = Vec::new();
    let mut numbered = true;
    table.again()?.each(|row| {
        let name = row.get(first);
        numbered &= name.is_empty() || parse_number(name).is_some();
        if names.len() < ENOUGH && !name.is_empty() {
            names.push(markup::named(name).name.into_owned());
        }
        Ok(())
    })?;
    if numbered {
        return Ok(Sides::Models); // row numbers
    }
    let down = balance(names.iter().map(String::as_str));
    let turned = if is_model {
        let all_tasks = down < 0 && down.unsigned_abs() as usize * 2 > names.len();
        header[0].contains('→') || (across > 0 && all_tasks)
    } else {
        across > down || (named.is_some() && across == down)
    };
    Ok(match turned {
        true => Sides::Tasks(Turned { task: first, skipped }),
        false if across == down && !is_model => Sides::Unknown,
        false => Sides::Models,
    })
}

/// After this many names of rows the rest adds nothing.
const ENOUGH: usize = 200;

#[cfg(test)]
mod tests {
    use crate::formats::{Companions, Imported, Source, import};

    fn read(text: &str) -> Imported {
        import(&[Source { name: "t.md", bytes: text.as_bytes(), optional: false }], &Companions::default()).unwrap()
    }

    /// The models and tasks of a table, each as one text.
    fn sides(text: &str) -> (String, String) {
        let snapshot = read(text).snapshot;
        let models: Vec<&str> = snapshot.models.iter().map(|model| model.id.as_str()).collect();
        let tasks: Vec<&str> = snapshot.tasks.iter().map(|task| task.id.as_str()).collect();
        (models.join(" "), tasks.join(" "))
    }

    #[test]
    fn many_headers_name_the_tasks_of_rows() {
        for first in [
            "",
            "Datasets",
            "Test",
            "Tests",
            "Evals",
            "Category",
            "Benchmark (shots)",
            "Evaluation Benchmark",
            "Benchmark \\ Model",
            "Dataset / Model",
            "Model →",
            "Model",
            "Metric",
            "Unnamed: 0",
        ] {
            let text = format!("{first},GPT-4,Claude,Llama\nMMLU,86.4,88,70\nGSM8K,92,95,80\n");
            assert_eq!(sides(&text), ("GPT-4 Claude Llama".to_owned(), "MMLU GSM8K".to_owned()), "{first}");
        }
        for first in ["Dataset", "Tests", "Metric"] {
            let text = format!("{first},one,two\nx,86.4,88\ny,92,95\n");
            assert_eq!(sides(&text), ("one two".to_owned(), "x y".to_owned()), "{first}");
        }
    }

    #[test]
    fn models_in_rows_stay_there() {
        for first in ["", "Unnamed: 0", "Category", "Model", "Model ↓"] {
            let text = format!("{first},MMLU,GSM8K\nGPT-4,86.4,88\norg/a,92,95\n");
            assert_eq!(sides(&text), ("GPT-4 org/a".to_owned(), "MMLU GSM8K".to_owned()), "{first}");
        }
        let unknown = read(",x,y\na,10,20\nb,20,40\n");
        assert_eq!(unknown.snapshot.models[0].id, "a");
        let told = unknown.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(told.contains("t.md line 1: the rows are read as models; if they are benchmarks"), "{told}");
    }

    #[test]
    fn tables_of_cards_tell_of_their_tasks() {
        let llama = "| Category | Benchmark | # Shots | Metric | Llama 3 8B | Llama 3 70B |\n|---|---|---|---|---|---|\n\
            | General | MMLU | 5 | macro_avg/acc_char | 66.7 | 79.5 |\n| | MMLU | 0 | macro_avg/acc_char | 66 | 79 |\n\
            | | AGIEval | 3-5 | average/acc_char | 47.8 | 63 |\n| Math | GSM8K | 8 | em | 57.2 | 83 |\n";
        let models = "Llama 3 8B Llama 3 70B".to_owned();
        let tasks = "MMLU MMLU (0-shot) AGIEval GSM8K".to_owned();
        assert_eq!(sides(llama), (models, tasks));
        let snapshot = read(llama).snapshot;
        assert_eq!(snapshot.tasks[2].task_type.as_deref(), Some("General"));
        let deepseek = "| | Benchmark (Metric) | # Shots | DeepSeek V3 | Qwen2.5 72B |\n|---|---|---|---|---|\n\
            | | # Total Params | - | 671 | 72 |\n| | Architecture | - | MoE | Dense |\n| English | Pile-test (BPB) | - | 0.548 | 0.638 |\n| | MMLU (EM) | 5-shot | 87.1 | 85.0 |\n";
        let read_deepseek = read(deepseek);
        assert_eq!(read_deepseek.snapshot.tasks.len(), 2);
        assert!(read_deepseek.report.dropped.iter().any(|dropped| dropped.what == "rows: # Total Params"));
        let qwen = "| Datasets | Qwen2-7B | Llama-3-8B |\n|---|---|---|\n| _General Tasks_ | | |\n| [MMLU][mmlu] | 70.3 | 66.6 |\n";
        assert_eq!(sides(qwen), ("Qwen2-7B Llama-3-8B".to_owned(), "MMLU".to_owned()));
        assert!(read(qwen).report.dropped.iter().any(|dropped| dropped.what == "rows: General Tasks"));
    }

    #[test]
    fn benchmarks_under_a_metric_have_their_own_units() {
        let snapshot = read("Metric,gpt-4o,claude-3\nMMLU,88.1,86.2\nGSM8K,99.1,94.2\n").snapshot;
        assert!(snapshot.tasks.iter().all(|task| task.range == Some(crate::snapshot::Range::PERCENT)));
    }
}
