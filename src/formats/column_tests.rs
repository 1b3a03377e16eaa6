//! Tables as boards publish them: what each column is read as, and how names, units and directions are understood.

use super::*;
use crate::snapshot::{Factor, ModelIndex, TaskIndex};

pub(super) fn read(files: &[(&str, &str)], columns: &str) -> Result<Imported> {
    let files: Vec<Source<'_>> =
        files.iter().map(|(name, text)| Source { name, bytes: text.as_bytes(), optional: false }).collect();
    let columns = columns.parse()?;
    import(&files, &Companions { columns: Some(&columns), ..Companions::default() })
}

pub(super) fn table(text: &str) -> Imported {
    read(&[("t.csv", text)], "").unwrap()
}

/// The names of columns with their roles.
pub(super) fn roles(imported: &Imported) -> Vec<(&str, Role)> {
    imported.report.columns.iter().map(|column| (column.name.as_str(), column.role)).collect()
}

pub(super) fn tasks(imported: &Imported) -> Vec<&str> {
    imported.snapshot.tasks.iter().map(|task| task.id.as_str()).collect()
}

pub(super) fn models(imported: &Imported) -> Vec<&str> {
    imported.snapshot.models.iter().map(|model| model.id.as_str()).collect()
}

pub(super) fn cell(imported: &Imported, model: &str, task: &str) -> Option<f32> {
    let snapshot = &imported.snapshot;
    snapshot.get(snapshot.model(model).unwrap(), snapshot.task(task).unwrap())
}

#[test]
fn averages_ranks_counts_and_facts_are_no_tasks() {
    let imported = table(
        "Model,Params (B),Release year,Average,MMLU,MMLU Rank,MMLU_stderr,n_samples\n\
         org/a,70,2024,75.5,80.1,1,0.3,14042\norg/b,8,2023,60.5,65.1,2,0.4,14042\norg/c,3,2023,40.5,45.1,3,0.4,14042\n",
    );
    assert_eq!(tasks(&imported), ["MMLU"]);
    let expected = [Role::Model, Role::Fact, Role::Fact, Role::Skip, Role::Score, Role::Skip, Role::Error, Role::Items];
    assert_eq!(roles(&imported).iter().map(|(_, role)| *role).collect::<Vec<_>>(), expected);
    let snapshot = &imported.snapshot;
    assert_eq!(snapshot.models[0].facts().params, Some(70.0));
    assert_eq!(snapshot.error(ModelIndex(1), TaskIndex(0)), Some(0.4));
    assert_eq!(snapshot.details.get(ModelIndex(1), TaskIndex(0)).unwrap().items, Some(14042));
}

#[test]
fn the_model_stands_anywhere_and_texts_are_facts() {
    let imported = table(
        "rank,model,arena_score,95_pct_ci,votes,organization,license,url\n\
         1,Alpha-2.5,1470,+5/-5,26019,Lab,Proprietary,https://example.org\n\
         2,Beta-4,1446,+6/-6,13715,Org,MIT,https://example.org\n",
    );
    assert_eq!((models(&imported), tasks(&imported)), (vec!["Alpha-2.5", "Beta-4"], vec!["arena_score"]));
    assert_eq!(imported.snapshot.tasks[0].range, None);
    let error = imported.snapshot.error(ModelIndex(0), TaskIndex(0)).unwrap();
    assert!((error - 5.0 / 1.96).abs() < 1e-4, "half of a 95 % interval");
    let model = &imported.snapshot.models[1];
    assert_eq!((model.license.as_deref(), model.url.as_deref()), (Some("MIT"), Some("https://example.org")));
    assert_eq!(model.factors["organization"], Factor::Text("Org".into()));
}

#[test]
fn a_column_of_scores_is_a_task_whatever_its_name() {
    let imported = table(
        "model,Reasoning,Math,Instruct,Language,Energy\na,41.2,35.1,28.9,30.3,33.3\nb,51.2,45.1,48.9,40.3,44.1\nc,31.2,25.1,18.9,20.3,23.3\n",
    );
    assert_eq!(tasks(&imported), ["Reasoning", "Math", "Instruct", "Language", "Energy"]);
    let imported = table("model,reasoning,instruct,math,score\na,yes,1,no,41.2\nb,no,0,yes,51.5\nc,no,1,no,31\n");
    assert_eq!(tasks(&imported), ["score"]);
    assert_eq!(imported.snapshot.models[0].factors["reasoning"], Factor::Flag(true));
    assert_eq!(imported.snapshot.models[1].facts().instruct, Some(false));
}

#[test]
fn a_mean_of_all_others_is_left_out_and_an_only_average_is_a_task() {
    let row = |at: usize| {
        let own = |by: usize| (10 + at * by % 77) as f64;
        format!("m{at},{},{},{},{}\n", (own(3) + own(5) + own(7)) / 3.0, own(3), own(5), own(7))
    };
    let rows: String = (0..8).map(row).collect();
    let imported = table(&format!("model,Index,x,y,z\n{rows}").replace("Index", "Quality"));
    assert_eq!(tasks(&imported), ["x", "y", "z"]);
    assert_eq!(imported.report.columns[1].why, "the mean of all other scores");
    let imported = table("model,organization,Global Average\na,x,41.2\nb,y,51.5\n");
    assert_eq!(tasks(&imported), ["Global Average"]);
    let imported = table("model,a,b,Math Average\nm,41.2,30.5,35\nn,51.5,44,47\n");
    assert_eq!(tasks(&imported), ["a", "b"]);
}

#[test]
fn benchmarks_in_rows_are_turned() {
    let imported = table("Benchmark,org/a,org/b,org/c\nMMLU,80.1,65.1,45.1\nGSM8K,70.9,55.9,35.9\nAverage,75,60,40\n");
    assert_eq!((models(&imported), tasks(&imported)), (vec!["org/a", "org/b", "org/c"], vec!["MMLU", "GSM8K"]));
    assert_eq!(cell(&imported, "org/b", "GSM8K"), Some(55.9));
    let imported = table(
        "dataset,version,metric,mode,x-7b,x-13b\ngsm8k,1d7f,accuracy,gen,41.02,55.10\nmmlu,-,naive_average,gen,50.10,-\n",
    );
    assert_eq!((models(&imported), tasks(&imported)), (vec!["x-7b", "x-13b"], vec!["gsm8k", "mmlu"]));
    assert_eq!(imported.snapshot.tasks[0].metric.as_deref(), Some("accuracy"));
}

#[test]
fn names_lose_their_markup_and_notes() {
    let imported = table(
        "model,MMLU,GSM8K\n\"<a href=\"\"https://huggingface.co/org/a\"\">org/a</a>\",80.1,70.9\n\
         [org/b](https://huggingface.co/org/b),65.1,55.9\norg/c (few-shot),50,40\norg/d (FC),50,40\norg/d (Prompt),51,40\n",
    );
    assert_eq!(models(&imported), ["org/a", "org/b", "org/c", "org/d (FC)", "org/d (Prompt)"]);
    assert_eq!(imported.snapshot.models[1].url.as_deref(), Some("https://huggingface.co/org/b"));
}

#[test]
fn a_table_without_a_header_is_refused() {
    let message = read(&[("t.tsv", "1\to3 (high)\t20.32±1.58\n2\tgpt-4\t10.5±1.2\n")], "").unwrap_err().to_string();
    let expected =
        "t.tsv line 1: the first line holds a score (\"20.32±1.58\"); put a header such as model,MMLU above it";
    assert_eq!(message, expected);
    assert_eq!(tasks(&table("model,1.1,1.2\na,10,20\nb,30,40\n")), ["1.1", "1.2"]);
}

#[test]
fn titles_and_notes_in_rows_are_no_models() {
    let imported = table(
        "model,MMLU,GSM8K\nOpen models,,\norg/a,60.1,50\nb,50.1,40\n# a comment\nClosed models,,\norg/c,,\nSource: our paper,,\n",
    );
    assert_eq!(models(&imported), ["org/a", "b", "org/c"]);
    let told: Vec<String> = imported.warnings.iter().map(ToString::to_string).collect();
    for part in ["Open models, # a comment, Closed models, Source: our paper", "read as models without results: org/c"]
    {
        assert!(told.iter().any(|warning| warning.contains(part)), "{told:?}");
    }
    assert_eq!(imported.report.dropped[0].count, 4);
}

#[test]
fn roles_can_be_corrected() {
    let text = "org,name,size,quality,extra\nx,a,7,41,1\ny,b,13,45,2\nz,c,70,49,4\n";
    assert_eq!(tasks(&table(text)), ["quality", "extra"]);
    let imported = read(&[("t.csv", text)], "org=model,name=skip,size=score:points,extra=fact").unwrap();
    assert_eq!((models(&imported), tasks(&imported)), (vec!["x", "y", "z"], vec!["size", "quality"]));
    assert_eq!(imported.snapshot.tasks[0].range, None);
    assert_eq!(imported.snapshot.models[0].factors["extra"], Factor::Number(1.0));
    let message = read(&[("t.csv", text)], "speed=score").unwrap_err().to_string();
    assert_eq!(message, "columns: no column \"speed\" here; there are org, name, size, quality, extra");
    let message = read(&[("t.csv", text)], "quality=score:fraction").unwrap_err().to_string();
    assert_eq!(message, "t.csv line 2, column \"quality\": expected 0 to 1, found 41");
}

#[test]
fn models_of_several_files_are_merged_by_name_and_told() {
    let first = (
        "a.csv",
        "model,MMLU\nQwen/Qwen2.5-7B,74.2\norg/One-7B-Instruct,66.6\nmeta-llama/Llama-3.1-8B-Instruct,69.4\n",
    );
    let second =
        ("b.csv", "model,BBH\nqwen/qwen2.5-7B,53.9\norg/one-7b-instruct,48.0\nMeta-Llama-3.1-8B-Instruct,50.0\n");
    let imported = read(&[first, second], "").unwrap();
    assert_eq!((imported.snapshot.models.len(), imported.snapshot.cells()), (3, 6));
    assert_eq!(imported.report.merged.len(), 3);
    assert_eq!(imported.report.merged[0], ["Qwen/Qwen2.5-7B", "qwen/qwen2.5-7B"]);
    assert_eq!(imported.snapshot.models[2].names, ["Meta-Llama-3.1-8B-Instruct"]);
    let twice = table("model,x\norg/A-7B,50\norg/a-7b,60\n");
    assert_eq!((twice.snapshot.models.len(), twice.report.apart.len()), (2, 1));
    let packed = read(&[first, ("b.csv", "model,BBH\nQwen/Qwen2.5-7B-AWQ,53.9\n")], "").unwrap();
    assert_eq!(packed.snapshot.models.len(), 4);
    assert_eq!(packed.snapshot.models[3].configuration_of.as_deref(), Some("Qwen/Qwen2.5-7B"));
}

#[test]
fn configurations_inherit_facts_and_are_children() {
    let imported = table("model,params,x\norg/Model-7B,7.6,50\norg/Model-7B-GPTQ,,48\no3,,70\no3 (high),,75\n");
    let snapshot = &imported.snapshot;
    assert_eq!(snapshot.models[1].facts().params, Some(7.6));
    assert_eq!(snapshot.models[3].configuration_of.as_deref(), Some("o3"));
    assert_eq!(snapshot.lineage.parents(1).map(|edge| edge.parent).collect::<Vec<_>>(), [0]);
    assert_eq!(snapshot.lineage.parents(3).map(|edge| edge.parent).collect::<Vec<_>>(), [2]);
}

#[test]
fn odd_rows_and_columns_are_told() {
    let imported =
        table("model,x,x,empty,y\na,10,11,,TBD\nb,20,21,,oom\nc,30,31,,50\nd,40,41,,60\ne,30\nAverage,25,26,,55\n");
    assert_eq!((imported.snapshot.models.len(), tasks(&imported)), (5, vec!["x", "x (column 3)", "y"]));
    let told: Vec<String> = imported.warnings.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|warning| warning.starts_with("t.csv line 3, column \"y\": expected a number, found \"oom\"")),
        "{told:?}"
    );
    assert!(told.iter().any(|warning| warning.contains("fewer cells")), "{told:?}");
    assert!(imported.report.dropped.iter().any(|dropped| dropped.why == "averages of the rows"));
}

#[test]
fn errors_beside_a_column_arrows_and_averages_of_error_rates_are_understood() {
    let imported = table(
        "Model,Average WER ⬇️,RTFx ⬆️,AMI,LS Clean\norg/a,5.63,418,10.19,1.61\norg/b,5.74,145,8.98,1.42\norg/c,7.44,109,15.95,2.01\n",
    );
    let lower: Vec<_> = imported.snapshot.tasks.iter().map(|task| (task.id.as_str(), task.lower_is_better)).collect();
    assert_eq!(lower, [("AMI", true), ("LS Clean", true)]);
    let imported = table(
        "model,win_rate,standard_error,lc_winrate,lc_standard_error,avg_length\na,50,0.5,40,1.5,2049\nb,27,1.3,31,0.4,1612\n",
    );
    assert_eq!(tasks(&imported), ["win_rate", "lc_winrate"]);
    assert_eq!(imported.snapshot.error(ModelIndex(1), TaskIndex(1)), Some(0.4));
    let imported =
        table("rank,model,Number of Parameters (B),x\n1.13,a,unknown,71.9 ± 1.7 / 80.1 ± 1.3\n1.22,b,7.5,60 ± 2\n");
    assert_eq!((tasks(&imported), cell(&imported, "a", "x")), (vec!["x"], Some(71.9)));
    assert_eq!(imported.snapshot.models[1].facts().params, Some(7.5));
    assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
}
