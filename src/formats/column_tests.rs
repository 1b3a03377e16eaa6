//! Tables as boards publish them: what each column is read as, and how names, units and directions are understood.

use super::*;
use crate::snapshot::{Factor, ModelIndex, Range, TaskIndex};

fn read(files: &[(&str, &str)], columns: &str) -> Result<Imported> {
    let files: Vec<Source<'_>> =
        files.iter().map(|(name, text)| Source { name, bytes: text.as_bytes(), optional: false }).collect();
    let columns = columns.parse()?;
    import(&files, &Companions { columns: Some(&columns), ..Companions::default() })
}

fn table(text: &str) -> Imported {
    read(&[("t.csv", text)], "").unwrap()
}

/// The names of columns with their roles.
fn roles(imported: &Imported) -> Vec<(&str, Role)> {
    imported.report.columns.iter().map(|column| (column.name.as_str(), column.role)).collect()
}

fn tasks(imported: &Imported) -> Vec<&str> {
    imported.snapshot.tasks.iter().map(|task| task.id.as_str()).collect()
}

fn models(imported: &Imported) -> Vec<&str> {
    imported.snapshot.models.iter().map(|model| model.id.as_str()).collect()
}

fn cell(imported: &Imported, model: &str, task: &str) -> Option<f32> {
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
fn a_fraction_among_percentages_is_kept_out_and_told() {
    let text = "model,MMLU,GSM8K\norg/a,0.801,70.9\norg/b,65.1,0.559\norg/c,45.1,35.9\n";
    let imported = table(text);
    assert_eq!((cell(&imported, "org/a", "MMLU"), cell(&imported, "org/c", "MMLU")), (None, Some(45.1)));
    assert!(
        imported.warnings[0].to_string().contains("\"org/a\" has 0.801 among percentages"),
        "{:?}",
        imported.warnings
    );
    assert_eq!(imported.report.dropped.iter().map(|dropped| dropped.count).collect::<Vec<_>>(), [1, 1]);
    let kept = read(&[("t.csv", text)], "MMLU=score:percent").unwrap();
    assert_eq!(cell(&kept, "org/a", "MMLU"), Some(0.801));
    let true_ones: String = (0..40).map(|at| format!("m{at},{}\n", f64::from(at * at) / 20.0)).collect();
    assert!(table(&format!("model,math\n{true_ones}")).warnings.is_empty(), "true percentages below 1");
}

#[test]
fn doubts_stay_where_some_cells_have_signs_or_most_are_fractions() {
    let column = |cells: &str| {
        let rows: String = cells.split(',').enumerate().map(|(at, cell)| format!("m{at},{cell}\n")).collect();
        table(&format!("model,MMLU\n{rows}"))
    };
    let signed = column("50.1%,0.605,70.3,71.2,65.2,55.6");
    assert_eq!((cell(&signed, "m1", "MMLU"), signed.snapshot.cells()), (None, 5));
    assert!(
        signed.warnings[0].message.contains("has 0.605 among percentages, which may be 60.5 %"),
        "{:?}",
        signed.warnings
    );
    assert_eq!(column("50.1%,0.605%,70.3,71.2,65.2,55.6").snapshot.cells(), 6, "a stated percentage");
    let fractions = column("50.1,0.605,0.703,0.712,0.652,0.556");
    assert_eq!((fractions.snapshot.cells(), cell(&fractions, "m2", "MMLU")), (5, Some(0.703)));
    assert_eq!(fractions.snapshot.tasks[0].range, Some(Range::FRACTION));
    assert!(
        fractions.warnings[0].message.contains("has 50.1 among fractions, which may be 0.501"),
        "{:?}",
        fractions.warnings
    );
}

#[test]
fn common_forms_of_cells_are_scores() {
    for form in ["(1.2)", "(58.0–62.2)", "(+1.2)", "(#1)", "pts", "/100", "(n=100)", "[58.0; 62.2]"] {
        let imported = table(&format!("model,MMLU,BBH\na,60.1 {form},50.5\nb,61.2 {form},60.5\n"));
        assert_eq!((tasks(&imported), cell(&imported, "a", "MMLU")), (vec!["MMLU", "BBH"], Some(60.1)), "{form}");
    }
    let told = table("model,MMLU\na,60.1 (1.2)\nb,61.2 (1.3)\n").report.dropped;
    assert_eq!((told[0].what.as_str(), told[0].count), ("numbers in brackets of MMLU", 2));
    let comma = table("model,MMLU,BBH\na,\"60,1\",\"50,5\"\nb,\"61,2\",\"60,5\"\n");
    assert_eq!((cell(&comma, "a", "MMLU"), cell(&comma, "b", "BBH")), (Some(60.1), Some(60.5)));
    let interval = table("model,MMLU [95% CI],BBH\na,\"60.1 [58.0, 62.2]\",50.5\nb,\"61.2 [59.0, 63.2]\",60.5\n");
    assert_eq!(tasks(&interval), ["MMLU [95% CI]", "BBH"]);
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
fn signs_in_cells_are_understood() {
    let imported = table(
        "model,MMLU,GSM8K,Elo,cost\norg/a,80.1%,70.9 ± 1.2,\"1,286\",$5\norg/b,65.1*,N/A,-,$3\norg/c,NaN,–,1187,\n",
    );
    assert_eq!(tasks(&imported), ["MMLU", "GSM8K", "Elo"]);
    assert_eq!(imported.snapshot.cells(), 5);
    assert_eq!(imported.snapshot.error(ModelIndex(0), TaskIndex(1)), Some(1.2));
    assert_eq!(cell(&imported, "org/a", "Elo"), Some(1286.0));
    let mixed = table("model,x\na,70%\nb,0.5\nc,0.25\n");
    assert_eq!((mixed.snapshot.tasks[0].range, cell(&mixed, "a", "x")), (Some(Range::FRACTION), Some(0.7)));
}

#[test]
fn open_ended_scores_are_not_made_percentages() {
    let imported = table("model,corr,grade,elo,dollars\na,-0.1,8.5,1200,$300\nb,0.4,7.5,1100,\"$1,200\"\n");
    assert!(imported.snapshot.tasks.iter().all(|task| task.range.is_none()), "{:?}", imported.snapshot.tasks);
    let imported = table("model,mmlu,hle,cosine_spearman\na,55.5,8.5,0.5\nb,65.5,3.5,-0.2\n");
    let ranges: Vec<_> = imported.snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!(ranges, [Some(Range::PERCENT), Some(Range::PERCENT), Some(Range { low: -1.0, high: 1.0 })]);
}

#[test]
fn directions_and_metrics_without_quality_come_from_names() {
    let imported = table("model,WER,bits_per_byte,toxicity,acc\na,0.12,0.9,0.3,0.6\nb,0.2,1.1,0.1,0.5\n");
    let lower: Vec<_> = imported.snapshot.tasks.iter().map(|task| (task.id.as_str(), task.lower_is_better)).collect();
    assert_eq!(lower, [("WER", true), ("bits_per_byte", true), ("acc", false)]);
    assert_eq!(roles(&imported)[3], ("toxicity", Role::Skip));
}

#[test]
fn open_ended_errors_stay_in_their_own_units() {
    for name in ["Perplexity", "wikitext (ppl)", "MSE", "WER"] {
        for high in ["120.5", "20.5"] {
            let imported = table(&format!("model,MMLU,{name}\na,50.1,5.1\nb,60.5,6.2\nc,70.3,{high}\nd,71.2,9.3\n"));
            let task = &imported.snapshot.tasks[1];
            let bounded = name == "WER" && high == "20.5";
            assert_eq!((task.range.is_some(), task.lower_is_better), (bounded, true), "{name} {high}");
        }
    }
    let long =
        table("model,benchmark,metric,score\na,w,perplexity,5.1\nb,w,perplexity,120.5\na,m,acc,50\nb,m,acc,60\n");
    let ranges: Vec<_> = long.snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!(ranges, [None, Some(Range::PERCENT)]);
}

#[test]
fn days_are_read_in_every_form_and_are_no_scores() {
    for day in [
        "20240201",
        "45323",
        "1706745600",
        "1706745600000",
        "2024-02",
        "2024/02/01",
        "01.02.2024",
        "Feb 2024",
        "\"February 1, 2024\"",
        "2024-02-01 00:00:00",
    ] {
        let imported = table(&format!("model,Release Date,MMLU\na,{day},50.1\nb,{day},60.2\n"));
        assert_eq!(tasks(&imported), ["MMLU"], "{day}");
        let date = imported.snapshot.models[1].date.map(|day| day.to_string());
        assert_eq!((date.as_deref(), imported.warnings.len()), (Some("2024-02-01"), 0), "{day}");
    }
    let quarter = table("model,released,MMLU\na,2024Q1,50.1\nb,2024Q3,60.2\n");
    assert_eq!(quarter.snapshot.models[1].date.map(|day| day.to_string()).as_deref(), Some("2024-07-01"));
    let order = |last: &str| table(&format!("model,Release Date,MMLU\na,2/1/2024,50.1\nb,{last},60.2\n"));
    assert_eq!(order("13/1/2024").snapshot.models[0].date.map(|day| day.to_string()).as_deref(), Some("2024-01-02"));
    let ambiguous = order("3/1/2024");
    assert_eq!((ambiguous.snapshot.models[0].date, tasks(&ambiguous)), (None, vec!["MMLU"]));
    let told = ambiguous.warnings[0].to_string();
    assert!(
        told.starts_with("t.csv line 2, column \"Release Date\": \"2/1/2024\" may begin with the day or the month"),
        "{told}"
    );
    assert_eq!(tasks(&table("model,Release Date,MMLU\na,1.5,50.1\nb,2.5,60.2\n")), ["MMLU"]);
    assert_eq!(tasks(&table("model,Date Understanding,MMLU\na,41.5,50.1\nb,52.5,60.2\n")).len(), 2);
}

#[test]
fn long_tables_name_tasks_by_dataset_subset_split_and_metric() {
    let imported = table(
        "score,model,dataset,subset,split,metric,stderr\n0.5,a,x,default,test,acc,0.01\n0.6,b,x,default,test,acc,\n\
         0.4,a,x,law,test,acc,\n0.3,a,y,default,test,f1,\n0.2,a,y,default,dev,f1,\n0.1,a,z,,,acc,\n0.2,a,z,,,f1,\n",
    );
    assert_eq!(tasks(&imported), ["x", "x/law", "y [test]", "y [dev]", "z (acc)", "z (f1)"]);
    let task = &imported.snapshot.tasks[1];
    assert_eq!(
        (task.dataset.as_str(), task.subset.as_deref(), task.split.as_deref()),
        ("x", Some("law"), Some("test"))
    );
    assert_eq!(imported.snapshot.error(ModelIndex(0), TaskIndex(0)), Some(0.01));
}

#[test]
fn long_tables_have_any_names_of_columns() {
    let rows = "o/a,MMLU,50\no/b,MMLU,20\no/a,BBH,30\no/b,BBH,35\n";
    for value in ["acc", "f1", "pass_rate", "avg", "rating", "score"] {
        let imported = table(&format!("model,benchmark,{value}\n{rows}"));
        assert_eq!((tasks(&imported), imported.snapshot.cells()), (vec!["MMLU", "BBH"], 4), "{value}");
    }
    for task in ["test", "metric", "subject", "eval_name", "scenario", "category", "bench", "suite", "variable"] {
        for value in ["score", "value", "acc"] {
            let imported = table(&format!("model,{task},{value}\n{rows}"));
            assert_eq!((tasks(&imported), imported.snapshot.cells()), (vec!["MMLU", "BBH"], 4), "{task} {value}");
        }
    }
    let one = table("model,benchmark,acc\no/a,MMLU,50\no/b,MMLU,20\n");
    assert_eq!((tasks(&one), one.snapshot.cells()), (vec!["MMLU"], 2));
}

#[test]
fn metrics_may_be_columns_of_a_long_table() {
    let imported = table("task,model,n_shot,acc,f1\nx,a,5,50.1,40.2\nx,b,5,60.1,50.2\ny,a,0,70.1,60.2\n");
    assert_eq!(tasks(&imported), ["x (acc)", "x (f1)", "y (acc)", "y (f1)"]);
    assert_eq!((cell(&imported, "a", "y (f1)"), imported.snapshot.cells()), (Some(60.2), 6));
    assert_eq!(roles(&imported)[2], ("n_shot", Role::Skip));
}

#[test]
fn standard_errors_in_rows_of_their_own_belong_to_their_scores() {
    let imported = table(
        "model,task,metric,value\na,arc,acc,0.5\na,arc,acc_stderr,0.01\nb,arc,\"acc_stderr,none\",0.02\nb,arc,\"acc,none\",0.6\nb,x,f1_stderr,0.1\n",
    );
    assert_eq!((tasks(&imported), imported.snapshot.cells()), (vec!["arc (acc)", "arc (acc,none)"], 2));
    assert_eq!(imported.snapshot.error(ModelIndex(0), TaskIndex(0)), Some(0.01));
    assert_eq!(imported.snapshot.error(ModelIndex(1), TaskIndex(1)), Some(0.02));
    assert_eq!(imported.report.dropped[0].why, "standard errors of no score");
}

#[test]
fn wide_tables_with_words_of_tasks_stay_wide() {
    for text in [
        "model,task,params,MMLU,BBH\na,text-generation,7,50,40\nb,text-generation,8,60,50\n",
        "model,category,MMLU,BBH\na,open,50,40\nb,closed,60,50\na,closed,55,45\n",
    ] {
        assert_eq!(tasks(&table(text)), ["MMLU", "BBH"], "{text}");
    }
}

#[test]
fn items_and_rows_that_a_column_of_tasks_tells_apart_are_no_repetitions() {
    let refused = |text: &str| read(&[("t.csv", text)], "").unwrap_err().to_string();
    let items = "1,a,MMLU,1,5.1\n2,a,MMLU,0,4.1\n3,a,MMLU,1,5.2\n4,b,MMLU,1,2\n5,b,MMLU,0,3\n6,b,BBH,1,3\n7,b,BBH,0,3\n8,b,BBH,1,3\n";
    let message = refused(&format!("run_id,model,benchmark,score,latency_ms\n{items}"));
    assert_eq!(
        message,
        "t.csv line 3: many rows for one model and task, as of single items; give one row with their mean"
    );
    let items = items.replace(",1,", ",True,").replace(",0,", ",False,");
    let text = format!("run_id,model,benchmark,is_correct,latency_ms\n{items}");
    assert!(refused(&text).contains("say which it is with --columns 'NAME=score'"), "{}", refused(&text));
}

#[test]
fn long_tables_state_directions_and_units() {
    for (name, yes) in [
        ("lower_is_better", "true"),
        ("higher_is_better", "false"),
        ("Higher is better", "no"),
        ("Lower is better", "1"),
    ] {
        let imported =
            table(&format!("model,benchmark,score,{name}\na,ToxX,50,{yes}\nb,ToxX,20,{yes}\na,y,10,\nb,y,20,\n"));
        let lower: Vec<bool> = imported.snapshot.tasks.iter().map(|task| task.lower_is_better).collect();
        assert_eq!((lower, roles(&imported)[3].1), (vec![true, false], Role::Fact), "{name}");
    }
    let imported = table(
        "model,task,score,Unit,stderr\na,x,0.601,fraction,0.01\nb,x,70.1,percent,1\nc,x,65,%,\na,e,12,points,\nb,e,8,points,\n",
    );
    assert_eq!((cell(&imported, "a", "x"), cell(&imported, "b", "x")), (Some(60.1), Some(70.1)));
    let ranges: Vec<_> = imported.snapshot.tasks.iter().map(|task| task.range).collect();
    assert_eq!((ranges, imported.warnings.len()), (vec![Some(Range::PERCENT), None], 0));
    assert_eq!(imported.snapshot.error(ModelIndex(0), TaskIndex(0)), Some(1.0));
    let odd = table(
        "model,task,score,unit,lower_is_better\na,x,60,furlong,maybe\nb,x,70,furlong,true\na,y,1,,true\nb,y,2,,false\n",
    );
    let told: Vec<String> = odd.warnings.iter().map(ToString::to_string).collect();
    for part in ["expected yes or no, found \"maybe\"", "1 rows state another direction", "found \"furlong\"; 2 such"] {
        assert!(told.iter().any(|warning| warning.contains(part)), "{told:?}");
    }
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
