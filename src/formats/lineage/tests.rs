use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> ParsedLineage {
    parse_lineage("pasted text", text).unwrap()
}

fn ids(parsed: &ParsedLineage) -> Vec<(&str, f32)> {
    parsed.parents.iter().map(|parent| (parent.id.as_str(), parent.weight)).collect()
}

fn message(text: &str) -> String {
    let message = parse_lineage("pasted text", text).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn a_card_with_one_parent() {
    let card =
        "---\nlicense: mit\ntags: [a, b]\nbase_model: org/base\nbase_model_relation: finetune\n---\n# Title: text\n";
    let parsed = parse(card);
    assert_eq!((parsed.kind, ids(&parsed)), ("model card", vec![("org/base", 1.0)]));
    assert_eq!(parsed.parents[0].relation, Relation::Finetune);
    assert_eq!(parse("base_model: org/base").parents[0].relation, Relation::Unstated);
}

#[test]
fn several_parents_are_a_merge_and_repeats_count_once() {
    let parsed =
        parse("\n---\nbase_model:\n- org/a\n- org/b\n- org/a\n- https://hub.example/org/c/tree/main?x=1\n---\ntext");
    assert_eq!(ids(&parsed), [("org/a", 1.0), ("org/b", 1.0), ("org/c", 1.0)]);
    assert!(parsed.parents.iter().all(|parent| parent.relation == Relation::Merge));
}

#[test]
fn a_hub_model_that_is_parsed_already_gives_what_its_text_gives() {
    let text = r#"{"id": "org/a", "createdAt": "2025-03-01T10:00:00Z", "safetensors": {"total": 7000000000},
        "tags": ["base_model:org/a", "base_model:merge:org/b", "base_model:org/c"], "cardData": {"base_model": ["ORG/b", "None"]}}"#;
    let value = serde_json::from_str(text).unwrap();
    let parsed = parse_hub_model("pasted text", &value).unwrap();
    assert_eq!(ids(&parsed), [("ORG/b", 1.0), ("org/c", 1.0)]);
    assert_eq!(parsed, parse(text));
    let odd = serde_json::json!({"id": "org/a", "cardData": {"base_model": 7}});
    assert_eq!(parse_hub_model("pasted text", &odd).unwrap_err().to_string(), message(&odd.to_string()));
}

#[test]
fn problems_of_a_card_are_reported_with_their_lines() {
    let parsed = parse("---\nbase_model: org/a\nbase_model_relation: distilled\n---\n");
    assert_eq!(parsed.parents[0].relation, Relation::Unstated);
    assert!(parsed.warnings[0].to_string().starts_with("pasted text line 3: unknown relation \"distilled\""));
    assert!(!parse("---\nlicense: mit\n---\n").warnings.is_empty());
    assert!(message("---\nlicense: mit\nbase_model: [org/a\n---\n").contains(" line "));
    assert!(message("---\nlicense: mit\nbase_model: {a: 1}\n---\n").starts_with("pasted text line 3: base_model"));
    assert!(message("---\ntext\n").contains("no closing"));
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut card = String::from("base_model: org/a\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let alias = format!("*a{}", level - 1);
        card += &format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
    }
    let start = std::time::Instant::now();
    let _ = parse_lineage("pasted text", &card);
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn a_list_takes_weights_urls_and_comments() {
    let text = "# parents\norg/a 0.6  # the larger\norg/b: 0.4\nhttps://huggingface.co/org/c/tree/main?x#y\norg/d, org/e:0.25\n- org/f=2\n";
    let expected = [("org/a", 0.6), ("org/b", 0.4), ("org/c", 1.0), ("org/d", 1.0), ("org/e", 0.25), ("org/f", 2.0)];
    assert_eq!(ids(&parse(text)), expected);
    assert_eq!(ids(&parse("Llama 3 8B")), [("Llama 3 8B", 1.0)]);
    assert_eq!(parse("org/a").parents[0].relation, Relation::Unstated);
}

#[test]
fn other_texts_are_refused_with_their_line() {
    assert!(message("org/a\nThis is a long sentence about nothing in particular.\n").starts_with("pasted text line 2"));
    assert!(message("org/a -1").contains("weight above 0"));
    assert!(message("org/a NaN").contains("weight above 0"));
    assert!(message(" \n ").contains("empty"));
    assert!(message("{\"id\": 1}").contains("JSON"));
    assert!(message("# only a comment").contains("no parent"));
    assert!(message(&"a".repeat(MAX_TEXT + 1)).contains("1 MiB"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", yaml in "[-a-z:\\[\\]{}&*|>'\"# \n]{0,80}") {
        let _ = parse_lineage("t", &text);
        let _ = parse_lineage("t", &format!("---\nbase_model: {yaml}\n---\n"));
        let _ = parse_lineage("t", &yaml);
    }
}

#[test]
fn facts_of_the_hub_state_their_source() {
    let hub = parse(
        r#"{"id": "org/x-7B", "createdAt": "2024-06-04T10:07:03.000Z", "baseModels": {"models": [{"id": "org/y"}]},
            "safetensors": {"total": 7615616512}}"#,
    );
    let facts = hub.facts();
    let size = facts.size().unwrap();
    assert!(size.source == FactSource::Hub && size.is_exact() && (size.value - 7.615_616_512).abs() < 1e-12);
    assert_eq!((facts.name, facts.date), ("x-7B", crate::snapshot::Date::new(2024, 6, 4)));
    let list = parse("org/y");
    assert_eq!(list.facts().source, FactSource::Stated);
}

#[test]
fn a_size_label_with_a_unit_is_a_count_of_parameters() {
    let params = |label: &str| {
        let text = format!(
            r#"{{"general.base_model.0.repo_url": "https://huggingface.co/a/b", "general.size_label": "{label}"}}"#
        );
        parse(&text).factors.get("params").cloned()
    };
    let number = |billions: f64| Some(crate::snapshot::Factor::Number(billions));
    assert_eq!((params("8B"), params("270M")), (number(8.0), number(270.0 * 1e-3)));
    assert_eq!(["8x7B", "8", "large"].map(params), [None, None, None]);
}
