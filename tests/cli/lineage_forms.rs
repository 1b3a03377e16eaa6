//! Forms of pasted lineages, from the text to the parents of the forecast.

use super::{TestDir, list};
use serde_json::Value;

const TABLE: &str = "model,x\nQwen/Qwen2-7B,20\norg/one-7b,30\norg/two-7b,40\n";

/// The parents of a forecast as `id relation`, and the warnings.
#[track_caller]
fn forecast(text: &str) -> (Vec<String>, Vec<String>) {
    let dir = TestDir::new();
    dir.write("t.csv", TABLE);
    dir.write("lineage", text);
    let ran = dir.run(&["predict", "--snapshot", "t.csv", "--method", "parents", "--json", "--lineage", "lineage"]);
    assert_eq!(ran.code, Some(0), "{text}: {}", ran.stderr);
    let prediction: Value = serde_json::from_str(&ran.stdout).unwrap();
    let of = |parent: &Value| format!("{} {}", parent["id"].as_str().unwrap(), parent["relation"].as_str().unwrap());
    let parents = list(&prediction["lineage"]["parents"]).iter().map(of).collect();
    (parents, ran.stderr.lines().map(str::to_owned).collect())
}

#[test]
fn every_form_gives_the_known_parent() {
    for (text, relation) in [
        ("FROM hf.co/Qwen/Qwen2-7B-GGUF:Q4_K_M\nPARAMETER temperature 0.2\n", "unstated"),
        ("hf.co/Qwen/Qwen2-7B-GGUF:Q4_K_M", "unstated"),
        ("model_name_or_path: Qwen/Qwen2-7B\nstage: sft\nfinetuning_type: lora\n", "adapter"),
        ("{\"_name_or_path\": \"Qwen/Qwen2-7B\", \"model_type\": \"qwen2\"}", "unstated"),
        (
            "llama_model_loader: - kv 4: general.base_model.0.repo_url str = https://huggingface.co/Qwen/Qwen2-7B\n",
            "unstated",
        ),
        ("~/.cache/huggingface/hub/models--Qwen--Qwen2-7B/snapshots/1f2e", "unstated"),
        ("---\nbase_model: Qwen/Qwen2-7B\n---\n# Mine\n\nmodules: q_proj\nTrained on 2 GPUs.\n", "unstated"),
    ] {
        let (parents, warnings) = forecast(text);
        assert_eq!(parents, [format!("Qwen/Qwen2-7B {relation}")], "{text}: {warnings:?}");
    }
}

#[test]
fn what_is_left_out_of_a_card_is_told_with_its_line() {
    let quoted = "---\nbase_model: Qwen/Qwen2-7B\nbase_model_relation: quantized\n---\n```yaml\nmodels: [{model: org/one-7b}, \
        {model: org/two-7b}]\nmerge_method: linear\n```\n";
    let (parents, warnings) = forecast(quoted);
    assert_eq!(parents, ["Qwen/Qwen2-7B quantized"]);
    assert!(warnings[0].contains("lineage line 6: the mergekit configuration was taken as that of Qwen/Qwen2-7B"));
    let broken = "---\nbase_model: [org/one-7b, org/two-7b]\n---\n```yaml\nmodels:\n  - model: org/one-7b\n - model: org/two-7b\n\
        merge_method: linear\n```\n";
    let (parents, warnings) = forecast(broken);
    assert_eq!(parents, ["org/one-7b merge", "org/two-7b merge"]);
    assert!(warnings[0].contains("line 7: a mergekit configuration can't be read"), "{warnings:?}");
}
