//! Tables with a row for each score, as boards publish them.

use super::column_tests::{cell, read, roles, table, tasks};
use super::*;
use crate::snapshot::{ModelIndex, Range, TaskIndex};

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
