//! The model of a request: its measured scores come first, by whichever input it is named.

use super::{TestDir, bundled, keys, list};
use serde_json::{Value, json};

const ID: &str = "Qwen/Qwen2-7B-Instruct";
/// A model of the snapshot in the hub's JSON.
const HUB: &str = r#"{"id": "Qwen/Qwen2-7B-Instruct", "createdAt": "2024-06-04T10:07:03.000Z", "tags":
    ["base_model:Qwen/Qwen2-7B", "base_model:finetune:Qwen/Qwen2-7B"], "safetensors": {"total": 7615616512}}"#;

/// `predict` on the bundled snapshot.
fn predict(dir: &TestDir, arguments: &[&str], stdin: &str) -> super::Ran {
    dir.run_with(&[&["predict", "--snapshot", &bundled()], arguments].concat(), stdin.as_bytes())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Checks for six measured scores with ranks among the 117 models, and no interval.
#[track_caller]
fn is_measured(prediction: &Value) {
    assert_eq!(prediction["measured"]["ifeval"], 0.57, "{prediction}");
    for forecast in list(&prediction["forecasts"]) {
        assert_eq!(forecast["mean"], prediction["measured"][forecast["task"].as_str().unwrap()]);
        assert_eq!(
            [&forecast["known"], &forecast["lower"], &forecast["upper"], &forecast["of"], &forecast["sources"]],
            [&json!(true), &Value::Null, &Value::Null, &json!(117), &json!([])]
        );
    }
}

#[test]
fn a_measured_model_has_its_measured_scores_however_it_is_named() {
    let dir = TestDir::new();
    let card = format!("---\nbase_model: Qwen/Qwen2-7B\nmodel-index:\n- name: {ID}\n  results: []\n---\n");
    let name = format!("name={ID}");
    for (arguments, stdin) in [
        (&["--id", ID][..], ""),
        (&["--id", "https://huggingface.co/Qwen/Qwen2-7B-Instruct/tree/main?x=1"], ""),
        (&["--facts", &name], ""),
        (&["--lineage", "-"], HUB),
        (&["--lineage", "-"], &card),
    ] {
        let arguments = [arguments, &["--json", "--method", "mla"]].concat();
        let prediction = predict(&dir, &arguments, stdin).json();
        is_measured(&prediction);
        let subject = &prediction["subject"];
        assert_eq!(
            (&subject["id"], &subject["given"], &prediction["quantisation_of"]),
            (&json!(ID), &Value::Null, &Value::Null)
        );
        assert_eq!(list(&prediction["lineage"]["parents"])[0]["id"], "Qwen/Qwen2-7B", "{prediction}");
        assert_eq!(list(&prediction["forecasts"])[0]["parents"], json!({ "Qwen/Qwen2-7B": 0.31 }));
    }
    let text = predict(&dir, &["--id", ID], "").fine();
    assert!(text.starts_with("measured: ifeval 0.570, bbh 0.550,") && text.contains(ID), "{text}");
    let child = predict(&dir, &["--lineage", "-", "--json", "--method", "mla"], ID).json();
    assert_eq!((&child["measured"], &child["subject"]["id"]), (&Value::Null, &Value::Null), "a child of it");
    let forecast = &list(&child["forecasts"])[0];
    assert_eq!((&forecast["known"], &forecast["of"]), (&json!(false), &json!(118)));
}

#[test]
fn another_spelling_and_a_reupload_are_the_same_model() {
    let dir = TestDir::new();
    for given in ["unsloth/qwen2-7b-instruct", "Qwen2 7B Instruct"] {
        let (text, warnings) = predict(&dir, &["--id", given, "--json", "--method", "mla"], "").warned();
        assert_eq!(warnings, [format!("warning: \"{given}\" was read as \"{ID}\"")]);
        let prediction: Value = serde_json::from_str(&text).unwrap();
        is_measured(&prediction);
        let names = ["id", "given"].map(|key| &prediction["subject"][key]);
        assert_eq!((names, &prediction["quantisation_of"]), ([&json!(ID), &json!(given)], &Value::Null));
    }
}

#[test]
fn a_quantisation_has_the_scores_of_its_original() {
    let dir = TestDir::new();
    let packed = "bartowski/Qwen2-7B-Instruct-GGUF";
    let hub = r#"{"id": "me/tiny", "tags": ["base_model:quantized:Qwen/Qwen2-7B-Instruct"]}"#;
    let card = format!("---\nbase_model: {ID}\nbase_model_relation: quantized\n---\n");
    for (arguments, stdin, id) in [
        (["--id", packed], "", json!(packed)),
        (["--lineage", "-"], hub, json!("me/tiny")),
        (["--lineage", "-"], &card, Value::Null),
    ] {
        let prediction = predict(&dir, &[&arguments[..], &["--json", "--method", "mla"]].concat(), stdin).json();
        is_measured(&prediction);
        assert_eq!((&prediction["quantisation_of"], &prediction["subject"]["id"]), (&json!(ID), &id));
        let parents = list(&prediction["lineage"]["parents"]);
        assert_eq!((&parents[0]["id"], &parents[0]["relation"]), (&json!(ID), &json!("quantized")));
    }
    let text = predict(&dir, &["--id", packed, "--method", "mla"], "").fine();
    assert!(text.contains(&format!("({ID}, of which {packed} is a quantisation)")), "{text}");
}

#[test]
fn explain_explains_the_forecast_without_own_results() {
    let dir = TestDir::new();
    let prediction = predict(&dir, &["--id", ID, "--unseen", "--json"], "").json();
    is_measured(&prediction);
    let explanation = dir.run(&["explain", "--snapshot", &bundled(), "--id", ID, "--json"]).json();
    for (forecast, task) in list(&prediction["forecasts"]).iter().zip(list(&explanation["tasks"])) {
        let unseen = &forecast["unseen"];
        assert_eq!(keys(unseen), ["mean", "lower", "upper"]);
        let [mean, lower, upper] = ["mean", "lower", "upper"].map(|key| number(&unseen[key]));
        assert!((mean - number(&task["mean"])).abs() < 1e-6 && lower < mean && mean < upper, "{forecast} {task}");
    }
    let text = predict(&dir, &["--id", ID, "--unseen"], "").fine();
    assert!(text.contains("would have been forecast"), "{text}");
    let (_, warnings) = predict(&dir, &["--facts", "name=me/x,params=7", "--unseen"], "").warned();
    assert!(warnings[0].contains("has no measured score"), "{warnings:?}");
    let pasted =
        dir.run_with(&["explain", "--snapshot", &bundled(), "--lineage", "-", "--json"], HUB.as_bytes()).json();
    assert_eq!(pasted, explanation, "a text that names the model");
}

#[test]
fn an_unknown_id_is_a_new_model_of_that_name() {
    let dir = TestDir::new();
    let (text, warnings) = predict(&dir, &["--id", "Qwen/Qwen2-7B-Instrukt", "--json"], "").warned();
    assert!(warnings.len() == 1 && warnings[0].contains("is it Qwen/Qwen2-7B-Instruct or "), "{warnings:?}");
    let prediction: Value = serde_json::from_str(&text).unwrap();
    let found: Vec<String> =
        list(&prediction["warnings"]).iter().map(|line| format!("warning: {}", line.as_str().unwrap())).collect();
    assert_eq!((found, &prediction["measured"]), (warnings, &Value::Null));
    assert_eq!(prediction["subject"]["id"], "Qwen/Qwen2-7B-Instrukt");
    let quiet = predict(&dir, &["--facts", "name=Qwen/Qwen2-7B-Instrukt", "--json"], "").json();
    assert_eq!(quiet["forecasts"], prediction["forecasts"], "a new model's name is no mistake");
    let both = predict(&dir, &["--id", ID, "--lineage", "-"], ID).failed(2);
    assert!(both.contains("--lineage"), "{both}");
    assert!(predict(&dir, &["--id", " "], "").failed(2).contains("--id"));
    assert!(predict(&dir, &["--id", ID, "--facts", "name=me/x"], "").failed(2).contains("give one name"));
}

/// Twelve models; `m/3` has no score on `b`, `m/4` none on `c`.
fn gaps(dir: &TestDir) {
    let row = |at: usize| {
        let cell = |k: usize| {
            if (at, k) == (3, 1) || (at, k) == (4, 2) { String::new() } else { (10 + 5 * at + k).to_string() }
        };
        format!("m/{at},{}\n", [0, 1, 2].map(cell).join(","))
    };
    dir.write("t.csv", format!("model,a,b,c\n{}", (0..12).map(row).collect::<String>()));
}

#[test]
fn gaps_of_a_measured_model_are_forecast_and_given_scores_stay_unchanged() {
    let dir = TestDir::new();
    gaps(&dir);
    let ask =
        |more: &[&str]| dir.run(&[&["predict", "--snapshot", "t.csv", "--method", "mean", "--json"], more].concat());
    let of = |prediction: &Value, key: &str| {
        list(&prediction["forecasts"]).iter().map(|one| one[key].clone()).collect::<Vec<_>>()
    };
    let prediction = ask(&["--id", "m/3"]).json();
    assert_eq!(of(&prediction, "known"), [true, false, true].map(Value::from));
    assert_eq!(keys(&prediction["measured"]), ["a", "c"]);
    let ranked = dir.run(&["rank", "--snapshot", "t.csv", "--method", "mean", "--task", "b", "--json"]).json();
    let ranked = list(&ranked["models"]).iter().find(|model| model["id"] == "m/3").unwrap();
    assert_eq!((&of(&prediction, "mean")[1], &of(&prediction, "rank")[1]), (&ranked["score"], &ranked["rank"]));
    let given = ask(&["--id", "m/3", "--scores", "b=40%"]).json();
    assert_eq!(of(&given, "known"), [true, true, true].map(Value::from));
    assert!((number(&of(&given, "mean")[1]) - 0.4).abs() < 1e-6 && keys(&given["measured"]) == ["a", "c"]);
    let (text, warnings) = ask(&["--id", "m/3", "--scores", "a=90%"]).warned();
    assert!(warnings.len() == 1 && warnings[0].contains("the data have measured ones: a"), "{warnings:?}");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["forecasts"], prediction["forecasts"]);

    let child = ask(&["--lineage", "-", "--scores", "b=40%"]);
    assert_eq!(child.code, Some(2), "an empty text");
    let new = ask(&["--facts", "name=m/new", "--scores", "b=40%"]).json();
    let forecast = &list(&new["forecasts"])[1];
    assert_eq!(
        [&forecast["known"], &forecast["lower"], &forecast["upper"]],
        [&json!(true), &Value::Null, &Value::Null]
    );
    assert!((number(&forecast["mean"]) - 0.4).abs() < 1e-6 && new["measured"].is_null(), "{new}");
    let better = (0..12).filter(|&at| at != 3 && 11 + 5 * at > 40).count();
    assert!(
        (forecast["rank"].as_u64().unwrap() as usize).abs_diff(better + 1) <= 1,
        "the rank of the score: {forecast}"
    );
}

#[test]
fn given_scores_have_no_interval_and_measured_tasks_are_not_planned() {
    let dir = TestDir::new();
    let prediction = predict(&dir, &["--lineage", "-", "--scores", "bbh=0.45", "--json"], "Qwen/Qwen2-7B").json();
    for forecast in list(&prediction["forecasts"]) {
        let given = forecast["task"] == "bbh";
        assert_eq!((&forecast["known"], forecast["lower"].is_null()), (&json!(given), given), "{forecast}");
    }
    let text = predict(&dir, &["--lineage", "-", "--scores", "bbh=0.45"], "Qwen/Qwen2-7B").fine();
    assert!(text.lines().any(|line| line.starts_with("bbh") && line.contains("given")), "{text}");
    gaps(&dir);
    let plan = dir.run(&["next", "--snapshot", "t.csv", "--id", "m/4", "--json"]).json();
    let planned: Vec<_> = list(&plan["evaluations"]).iter().map(|evaluation| &evaluation["task"]).collect();
    assert!(planned.iter().all(|&task| task == "c"), "{plan}");
}

#[test]
fn facts_are_listed_as_used_or_ignored() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\nk/a,10,20\nk/b,30,45\nk/c,50,60\nk/d,20,30\nk/e,70,80\n");
    dir.write("f.csv", "model,Parameter Size(M),type,colour\nk/a,7000,chat,red\nk/b,8000,chat,red\nk/c,70000,base,blue\nk/d,9000,base,blue\nk/e,90000,chat,red\n");
    dir.run(&["import", "t.csv", "--model-factors", "f.csv", "-o", "s.json"]).fine();
    let facts = "name=k/new,params=8,instruct=yes,colour=red,shape=round,date=2025-06-01";
    let ask =
        |method: &str| dir.run(&["predict", "--snapshot", "s.json", "--method", method, "--facts", facts, "--json"]);
    let (text, warnings) = ask("eyas").warned();
    let given = serde_json::from_str::<Value>(&text).unwrap()["subject"]["facts"].clone();
    assert_eq!(given["used"], json!({ "colour": "red", "params": 8.0, "type": "chat" }), "in the terms of the data");
    let ignored = [("shape", "no model of this data has it"), ("date", "the data have no dates")];
    assert_eq!(given["ignored"], json!(ignored.map(|(name, why)| json!({ "name": name, "why": why }))));
    assert!(ignored.iter().all(|(name, why)| warnings[0].contains(&format!("\"{name}\" ({why})"))), "{warnings:?}");
    let plain = ask("mla").json();
    assert!(list(&plain["subject"]["facts"]["ignored"])[0]["why"] == "method mla does not use facts", "{plain}");
    let bad = dir.run(&["predict", "--snapshot", "s.json", "--facts", "date=June"]).failed(2);
    assert!(bad.contains("date"), "{bad}");
}

#[test]
fn next_to_nothing_is_reported_if_nothing_is_known() {
    let dir = TestDir::new();
    let of = |facts: &str| predict(&dir, &["--method", "mla", "--json", "--facts", facts], "");
    let (text, warnings) = of("name=who/quux-instruct").warned();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["subject"]["next_to_nothing"], true);
    assert!(warnings.len() == 1 && warnings[0].contains("next to nothing is known"), "{warnings:?}");
    for known in ["name=who/quux-7b", "name=who/Qwen-quux"] {
        assert_eq!(of(known).json()["subject"]["next_to_nothing"], false, "{known}");
    }
    let sized = predict(&dir, &["--json", "--facts", "name=who/quux,params=7"], "").json();
    assert_eq!(sized["subject"]["next_to_nothing"], false);
    let scored =
        predict(&dir, &["--json", "--method", "mla", "--facts", "name=who/quux", "--scores", "bbh=0.4"], "").json();
    assert_eq!(scored["subject"]["next_to_nothing"], false);
    let child = predict(&dir, &["--json", "--method", "mla", "--lineage", "-"], "Qwen/Qwen2-7B").json();
    assert_eq!(child["subject"]["next_to_nothing"], false);
}

/// Asks with a list of parents, or another text, about a table; returns the prediction and the warnings.
fn with_parents(dir: &TestDir, snapshot: &str, text: &str) -> (Value, Vec<String>) {
    let arguments = ["predict", "--snapshot", snapshot, "--method", "parents", "--json", "--lineage", "-"];
    let ran = dir.run_with(&arguments, text.as_bytes());
    assert_eq!(ran.code, Some(0), "{text}: {}", ran.stderr);
    (serde_json::from_str(&ran.stdout).unwrap(), ran.stderr.lines().map(str::to_owned).collect())
}

/// The ids and weights of the parents as the forecast takes them.
fn parents_of(prediction: &Value) -> Vec<(String, f64)> {
    let of = |parent: &Value| (parent["id"].as_str().unwrap().to_owned(), number(&parent["weight"]));
    list(&prediction["lineage"]["parents"]).iter().map(of).collect()
}

const PACKED: &str = "model,x\nQwen/Qwen2.5-7B-Instruct,20\nmeta-llama/Llama-2-13b-hf,30\no/other,40\n";

#[test]
fn packed_names_tags_and_revisions_are_the_model_that_they_are_made_from() {
    let dir = TestDir::new();
    dir.write("t.csv", PACKED);
    for (text, id) in [
        ("x/Qwen2.5-7B-Instruct-UD-Q4_K_XL", "Qwen/Qwen2.5-7B-Instruct"),
        ("x/Qwen2.5-7B-Instruct-Q3_K_XL-GGUF", "Qwen/Qwen2.5-7B-Instruct"),
        ("nvidia/Qwen2.5-7B-Instruct-NVFP4", "Qwen/Qwen2.5-7B-Instruct"),
        ("x/Qwen2.5-7B-Instruct-MXFP4", "Qwen/Qwen2.5-7B-Instruct"),
        ("x/Qwen2.5-7B-Instruct-TQ1_0", "Qwen/Qwen2.5-7B-Instruct"),
        ("x/Qwen2.5-7B-Instruct-4bpw-h6-exl2", "Qwen/Qwen2.5-7B-Instruct"),
        ("x/Qwen2.5-7B-Instruct-q4f16_1-MLC", "Qwen/Qwen2.5-7B-Instruct"),
        ("TheBloke/Llama-2-13B-fp16", "meta-llama/Llama-2-13b-hf"),
        ("hf.co/Qwen/Qwen2.5-7B-Instruct-GGUF:Q4_K_M", "Qwen/Qwen2.5-7B-Instruct"),
        ("qwen/qwen2.5-7b-instruct:Q8_0", "Qwen/Qwen2.5-7B-Instruct"),
        ("qwen2.5:7b-instruct-q4_K_M", "Qwen/Qwen2.5-7B-Instruct"),
        ("Qwen/Qwen2.5-7B-Instruct@main", "Qwen/Qwen2.5-7B-Instruct"),
        ("---\nbase_model: Qwen/Qwen2.5-7B-Instruct@main\nlicense: mit\n---\n", "Qwen/Qwen2.5-7B-Instruct"),
        ("---\nbase_model: x/Qwen2.5-7B-Instruct-GGUF:Q4_K_M\n---\n", "Qwen/Qwen2.5-7B-Instruct"),
        ("qwen2.5-7b-instruct-q4_k_m.gguf 0.5", "Qwen/Qwen2.5-7B-Instruct"),
    ] {
        let (prediction, _) = with_parents(&dir, "t.csv", text);
        let parents = parents_of(&prediction);
        assert_eq!((parents.len(), parents[0].0.as_str()), (1, id), "{text}");
        assert_eq!(prediction["lineage"]["unknown"], json!([]), "{text}");
    }
    for text in ["qwen2.5:7b-q4_K_M", "x/Llama-2-13B-fp16", "x/Llama-2-13B@v1"] {
        assert_eq!(list(&with_parents(&dir, "t.csv", text).0["lineage"]["unknown"]).len(), 1, "{text}");
    }
    let packed = "x/Qwen2.5-7B-Instruct-GGUF:Q4_K_M";
    let prediction =
        dir.run(&["predict", "--snapshot", "t.csv", "--method", "parents", "--json", "--id", packed]).json();
    assert_eq!(prediction["quantisation_of"], "Qwen/Qwen2.5-7B-Instruct");
}

#[test]
fn a_model_without_organisation_is_found_by_its_id_of_the_hub() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x\ngemma-2-27b-it,30.1\nphi-4,40.2\nother-7b,20\nalice/Twin-7B,10\n");
    let (prediction, warnings) = with_parents(&dir, "t.csv", "google/gemma-2-27b-it");
    assert_eq!(parents_of(&prediction), [("gemma-2-27b-it".to_owned(), 1.0)]);
    assert_eq!(warnings, ["warning: parent \"google/gemma-2-27b-it\" was read as \"gemma-2-27b-it\""]);
    for other in ["google/gemma-2-9b-it", "bob/Twin-7B"] {
        assert_eq!(with_parents(&dir, "t.csv", other).0["lineage"]["unknown"], json!([other]));
    }
}

#[test]
fn a_number_at_the_end_is_part_of_a_known_name_and_else_a_weight() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x\nPhi 4,30\nPhi 3,40\nbase,20\norg/a,10\n");
    let of = |text: &str| parents_of(&with_parents(&dir, "t.csv", text).0);
    let pairs =
        |expected: &[(&str, f64)]| expected.iter().map(|&(id, weight)| (id.to_owned(), weight)).collect::<Vec<_>>();
    assert_eq!(of("Phi 4\nPhi 3\n"), pairs(&[("Phi 4", 1.0), ("Phi 3", 1.0)]));
    assert_eq!(of("phi 4, Phi 3"), pairs(&[("Phi 4", 1.0), ("Phi 3", 1.0)]));
    assert_eq!(of("Phi 4, 0.75\nPhi 3 0.25"), pairs(&[("Phi 4", 0.75), ("Phi 3", 0.25)]));
    assert_eq!(of("base 2\norg/a 3"), pairs(&[("base", 2.0), ("org/a", 3.0)]));
    let ran =
        dir.run_with(&["predict", "--snapshot", "t.csv", "--method", "parents", "--lineage", "-"], b"Phi 4\nPhi 3");
    assert!(ran.stdout.contains("50 % Phi 4 (merge)") && ran.stderr.is_empty(), "{} {}", ran.stdout, ran.stderr);
}
