//! Tables of any size: small ones give a forecast with a warning, and too large ones are refused before the work.

use super::{TestDir, list};
use serde_json::Value;

/// The forecast for a model that is not in the table.
fn forecast_unknown(dir: &TestDir, table: &str) -> Value {
    let (text, warnings) = dir.run(&["predict", "--snapshot", table, "--facts", "name=you/unheard", "--json"]).warned();
    assert!(warnings[0].contains("next to nothing is known"), "{warnings:?}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn one_or_two_models_give_a_forecast_with_a_warning() {
    let dir = TestDir::new();
    dir.write("two.csv", "model,mmlu,gsm8k\norg/a,50,60\norg/b,55,66\n");
    dir.run(&["train", "two.csv", "-o", "two.eyas"]).fine();
    let run = r#"{"results": {"arc_easy": {"alias": "arc_easy", "acc,none": 0.61}, "mmlu": {"acc,none": 0.55}},
        "config": {"model": "hf", "model_args": "pretrained=org/a"}}"#;
    dir.write("run.json", run);
    dir.write("sparse.csv", "model,mmlu,gsm8k\norg/a,50,\norg/b,,66\n");
    let ranking = dir.run(&["rank", "--snapshot", "run.json", "--task", "mmlu", "--json"]).json();
    assert_eq!(list(&ranking["models"])[0]["id"], "org/a");
    for table in ["two.csv", "run.json", "sparse.csv"] {
        let forecast = forecast_unknown(&dir, table);
        for forecast in list(&forecast["forecasts"]) {
            let width = forecast["upper"].as_f64().unwrap() - forecast["lower"].as_f64().unwrap();
            assert!((0.3..=1.0).contains(&width), "{table}: {forecast}");
            assert!(forecast["remark"].as_str().unwrap().starts_with("only "), "{forecast}");
        }
    }
    dir.run(&["backtest", "two.csv", "--method", "eyas", "--split", "models:1"]).fine();
}

#[test]
fn equal_scores_are_forecast_as_that_score() {
    let dir = TestDir::new();
    dir.write("equal.csv", "model,a,b,c\no/m0,,50,50\np/m1,,50,\no/m2,50,50,50\nq/m3,,,50\nq/m4,50,50,\n");
    dir.run(&["explain", "--snapshot", "equal.csv", "--id", "o/m0"]).fine();
    dir.run(&["backtest", "equal.csv", "--method", "eyas", "--split", "models:1"]).fine();
    let forecast = forecast_unknown(&dir, "equal.csv");
    for forecast in list(&forecast["forecasts"]) {
        assert!((forecast["mean"].as_f64().unwrap() - 0.5).abs() < 1e-3, "{forecast}");
    }
}

#[test]
fn a_wide_table_is_trained_on_in_little_memory() {
    let dir = TestDir::new().with_memory(3000);
    let wide: String = (0..6000).map(|task| format!(",t{task}")).collect();
    let row = |model: u32| {
        let scores: String = (0..6000).map(|task| format!(",{}", (task * 7 + model * 13) % 100)).collect();
        format!("o/m{model}{scores}\n")
    };
    dir.write("wide.csv", format!("model{wide}\n{}", (0..30).map(row).collect::<String>()));
    dir.run(&["train", "wide.csv", "-o", "x.eyas"]).fine();
    dir.run(&["backtest", "wide.csv", "--method", "eyas", "--split", "models:1"]).fine();
    let ranking = dir.run(&["rank", "--snapshot", "wide.csv", "--task", "t1", "--json"]).json();
    assert_eq!(ranking["method"], "eyas");
}
