use super::drawing::{Piece, axis, lettered, ordered, pieces};
use super::*;
use serde_json::{Value, json};

const INFO: &str = r#"{"models": 1234, "sources": [
    {"id": "s", "name": "Board | one", "url": "https://board.example/x", "license": "CC BY 4.0", "date": "2026-05-01"},
    {"id": "t", "name": "Board two", "url": null, "license": "MIT", "date": "2026-06-24"},
    {"id": "u", "name": "Board three", "url": null, "license": "MIT", "date": null}
  ], "task_list": [{"id": "a", "task_type": null, "cells": 5}, {"id": "b", "task_type": null, "cells": 5}]}"#;

/// Names of every kind that a format might stumble over.
const HOSTILE: &str = "org/<b>&\"x\"|`*_[y](z)\n\u{202e}#\u{1b}نموذج";

fn row(task: &str) -> Value {
    json!({ "task": task, "dataset": "", "metric": "acc", "mean": 0.5, "lower": 0.25, "upper": 0.75, "rank": 81, "of": 1235,
        "rank_lower": 40, "rank_upper": 130, "range": { "low": 0, "high": 100 }, "lower_is_better": false, "known": false,
        "parents": {} })
}

fn answer(id: &str, rows: Vec<Value>) -> Value {
    json!({ "method": "eyas", "subject": { "id": id, "given": null, "next_to_nothing": false }, "measured": null,
        "quantisation_of": null, "lineage": { "parents": [] }, "forecasts": rows })
}

fn card(answer: &Value) -> Card {
    Card::read(&answer.to_string(), INFO).unwrap()
}

fn drawn(answer: &Value, format: Format) -> String {
    card(answer).draw(format, &Options::default()).unwrap()
}

/// Parses the picture, and returns the texts of its elements by their names.
fn parsed(svg: &str) -> Vec<(String, String)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(svg);
    let (mut open, mut found): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) if start.attributes().any(|found| found.is_err()) => {
                panic!("{start:?}")
            }
            Event::Start(start) => {
                open.push(start.name().as_ref().to_owned());
                found.push((open.last().unwrap().clone(), String::new()));
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                if let Some((_, all)) = found.last_mut() {
                    all.push_str(&text);
                }
            }
            Event::GeneralRef(name) => {
                let sign = match &*name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    other => panic!("&{other};"),
                };
                found.last_mut().unwrap().1.push(sign);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    found
}

#[test]
fn the_pieces_are_those_of_the_page_and_the_elements() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/fixtures/drawing.json")).unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let Card { answer, .. } = card(&case["prediction"]);
        let parents = lettered(&answer);
        let letters: Vec<_> = parents.iter().map(|one| json!([one.letter.to_string(), one.parent.id])).collect();
        assert_eq!(json!(letters), case["letters"]);
        let rows = ordered(&answer.forecasts);
        assert_eq!(json!(rows.iter().map(|row| &row.task).collect::<Vec<_>>()), case["order"]);
        let near = |one: &Value, other: f32| (one.as_f64().unwrap() - f64::from(other)).abs() < 1e-4;
        for ((at, text), expected) in axis(&rows).iter().zip(case["axis"].as_array().unwrap()) {
            assert!(near(&expected[0], *at) && expected[1] == **text, "{text} {expected}");
        }
        for row in rows {
            let expected = &case["rows"][&row.task];
            let (name, detail) = words::named(row);
            let origin = words::origin(row, &answer);
            let found = json!([name, detail, origin, words::score(row.mean, row.range)]);
            assert_eq!(found, json!([expected["name"], expected["detail"], expected["origin"], expected["value"]]));
            let drawn = pieces(row, &parents);
            let expected = expected["pieces"].as_array().unwrap();
            assert_eq!(drawn.len(), expected.len(), "{drawn:?}");
            for (piece, expected) in drawn.iter().zip(expected) {
                let (kind, at) = match *piece {
                    Piece::Band { from, to, sampled } => {
                        assert!(near(&expected[2], to), "{piece:?} {expected}");
                        (if sampled { "sampled band" } else { "band" }.to_owned(), from)
                    }
                    Piece::Tick { at } => ("tick".to_owned(), at),
                    Piece::Letter { at, letter } => (format!("letter {letter}"), at),
                    Piece::Point { at } => ("point".to_owned(), at),
                    Piece::Square { at } => ("square".to_owned(), at),
                };
                assert!(expected[0] == kind && near(&expected[1], at), "{piece:?} {expected}");
            }
        }
    }
}

#[test]
fn of_a_measured_model_measured_benchmarks_come_first_types_side_by_side() {
    let types = ["maths", "maths", "maths", "code", "code", "code", "chat", "chat", "chat", "chat", "other", "other"];
    let tasks: Vec<Value> = types
        .iter()
        .enumerate()
        .map(|(at, kind)| json!({ "id": format!("t{at}"), "task_type": kind, "cells": 100 - at }))
        .collect();
    let info = json!({ "models": 9, "sources": [], "task_list": tasks }).to_string();
    let first = |measured: &[&str]| {
        let mut answer = answer("org/x", vec![row("t11"), row("t0")]);
        answer["measured"] = measured.iter().map(|&task| (task.to_owned(), json!(0.5))).collect();
        Card::read(&answer.to_string(), &info).unwrap().measured_first()
    };
    assert_eq!(first(&["t1", "t2", "t3", "t6", "t7"]), ["t1", "t3", "t6", "t2", "t7", "t11", "t0"]);
    let all: Vec<String> = (0..12).map(|at| format!("t{at}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(first(&all), ["t0", "t3", "t6", "t10", "t1", "t4", "t7", "t11"]);
    assert_eq!(first(&["t0"]), Vec::<String>::new());
}

#[test]
fn a_picture_says_what_it_is_in_words_too() {
    let svg = drawn(&answer("org/x", vec![row("a")]), Format::Svg);
    let texts = parsed(&svg);
    let of = |name: &str| texts.iter().filter(|(tag, _)| tag == name).map(|(_, text)| text.trim()).collect::<Vec<_>>();
    assert_eq!(of("title"), ["Forecast, not measured: org/x"]);
    let [description] = of("desc")[..] else { panic!("one description") };
    for part in [
        "a: 50.0, 90 % interval 25.0 to 75.0.",
        "By eyas, method eyas, from the results of 1,234 models to 2026-06-24. 1 of 2 benchmarks.",
        "Data, with licences: Board | one (CC BY 4.0); Board two, Board three (MIT).",
    ] {
        assert!(description.contains(part), "{part} is not in {description}");
        if !part.starts_with("a:") {
            let shown = of("text").join(" ");
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
    }
    assert!(of("text").contains(&"rank 81 (40 to 130) of 1,235"), "{texts:?}");
    assert!(of("text").contains(&"Forecast, not measured"));
}

#[test]
fn a_picture_has_the_colours_of_its_theme_and_the_readers_without_one() {
    let card = card(&answer("org/x", vec![row("a")]));
    let of = |theme: Option<Theme>| card.draw(Format::Svg, &Options { theme, date: None }).unwrap();
    let [light, dark] = ["#fdfbf6", "#201c18"];
    let has = |svg: &str| [svg.contains(light), svg.contains(dark), svg.contains("prefers-color-scheme")];
    assert_eq!(has(&of(Some(Theme::Light))), [true, false, false]);
    assert_eq!(has(&of(Some(Theme::Dark))), [false, true, false]);
    assert_eq!(has(&of(Some(Theme::Auto))), [true, true, true]);
    assert_eq!(of(None), of(Some(Theme::Auto)));
    let message =
        card.draw(Format::Markdown, &Options { theme: Some(Theme::Dark), date: None }).unwrap_err().to_string();
    assert_eq!(message, "only the format svg has a theme");
}

#[test]
fn the_largest_default_picture_has_at_most_12_kb_whatever_its_names_are() {
    let name = |at: usize| format!("{at}{}", "&<模\"".repeat(45));
    let parents: Vec<Value> =
        (0..30).map(|at| json!({ "id": name(at), "weight": at + 1, "evaluated": true })).collect();
    let scores: Value = (0..30).map(|at| (name(at), json!(0.01 * at as f64))).collect();
    let rows: Vec<Value> = (0..8)
        .map(|at| {
            let mut row = row(&name(at));
            row["parents"] = scores.clone();
            row["lower_is_better"] = json!(true);
            row
        })
        .collect();
    let mut answer = answer(&name(99), rows);
    answer["lineage"]["parents"] = json!(parents);
    let sources: Vec<Value> = (0..20)
        .map(|at| json!({ "name": name(at), "url": null, "license": name(at + 50), "date": "2026-01-01" }))
        .collect();
    let info = json!({ "models": 9, "sources": sources, "task_list": [] }).to_string();
    let svg = Card::read(&answer.to_string(), &info).unwrap().draw(Format::Svg, &Options::default()).unwrap();
    assert!(svg.len() <= 12_288, "{}", svg.len());
    parsed(&svg);
    // More are refused with the way out.
    let many = self::answer("org/x", (0..60).map(|at| row(&format!("task-{at}"))).collect());
    let message = card(&many).draw(Format::Svg, &Options::default()).unwrap_err().to_string();
    assert!(message.starts_with("a picture of 60 benchmarks would have") && message.contains("--tasks"), "{message}");
    assert_eq!(drawn(&many, Format::Markdown).matches("task-").count(), 60);
}

#[test]
fn hostile_names_stay_text_in_every_format() {
    let mut answer = answer(HOSTILE, vec![row(HOSTILE)]);
    answer["lineage"]["parents"] = json!([{ "id": HOSTILE, "weight": 1, "evaluated": true }]);
    answer["forecasts"][0]["parents"] = json!({ HOSTILE: 0.5 });
    let clean = "org/<b>&\"x\"|`*_[y](z) # نموذج";
    for format in [Format::Svg, Format::BadgeSvg] {
        let svg = drawn(&answer, format);
        for forbidden in ["<script", "<b>", "href", "\u{202e}", "\u{1b}", "@import", "<image", "<foreignObject"] {
            assert!(!svg.contains(forbidden), "{forbidden}: {svg}");
        }
        // The only addresses are the name of the namespace and a part of the picture itself.
        assert_eq!(svg.matches("http").count(), 1);
        assert_eq!(svg.matches("url(").count(), svg.matches("url(#c)").count());
        assert!(parsed(&svg).iter().any(|(_, text)| text.contains(clean)), "{svg}");
    }
    let markdown = drawn(&answer, Format::Markdown);
    let escaped = "org/&lt;b&gt;&amp;\"x\"\\|\\`\\*\\_\\[y\\](z) \\# نموذج";
    assert_eq!(markdown.matches(escaped).count(), 3, "{markdown}");
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let table: Vec<usize> = markdown.lines().filter(|line| line.starts_with('|')).map(cells).collect();
    assert_eq!(table, [6, 6, 6]);
    let badge: Value = serde_json::from_str(&drawn(&answer, Format::Badge)).unwrap();
    assert_eq!(badge["label"], format!("{clean}, forecast"));
    let index = drawn(&answer, Format::ModelIndex);
    let quoted = serde_json::to_string(clean).unwrap();
    assert!(index.contains(&format!("- name: {quoted}\n")), "{index}");
}

#[test]
fn markdown_has_the_same_as_a_table() {
    let mut answer = answer("org/x", vec![row("a"), row("b")]);
    answer["measured"] = json!({ "b": 0.5 });
    answer["forecasts"][1]["known"] = json!(true);
    answer["forecasts"][1]["lower"] = Value::Null;
    answer["forecasts"][1]["rank_lower"] = Value::Null;
    answer["lineage"]["parents"] = json!([{ "id": "org/a_1", "weight": 1, "evaluated": true }]);
    answer["forecasts"][0]["parents"] = json!({ "org/a_1": 0.625 });
    let made = Options { date: Some("2026-07-01".parse().unwrap()), theme: None };
    let text = card(&answer).draw(Format::Markdown, &made).unwrap();
    let expected = "**Measured scores, and forecasts that are not measured: org/x**\n\n\
        | Benchmark | Score | 90 % interval | Rank of 1,235 | Origin | A |\n\
        | --- | ---: | ---: | ---: | --- | ---: |\n\
        | b | **50.0** | – | 81 | measured | – |\n\
        | a | **50.0** | 25.0 to 75.0 | 81 (40 to 130) | forecast | 62.5 |\n\n\
        A: org/a\\_1, measured.\n\n\
        <sub>By eyas, method eyas, from the results of 1,234 models to 2026-06-24. Made on 2026-07-01. \
        Data, with licences: [Board \\| one](https://board.example/x) (CC BY 4.0), Board two (MIT), Board three (MIT).</sub>\n";
    assert_eq!(text, expected);
}

#[test]
fn a_badge_is_about_one_benchmark_and_has_the_interval() {
    let one = answer("org/x", vec![row("a")]);
    let expected = "{\"schemaVersion\":1,\"label\":\"a, forecast\",\"message\":\"50.0 (90 %: 25.0 to 75.0)\",\"color\":\"#a3441a\"}\n";
    assert_eq!(drawn(&one, Format::Badge), expected);
    assert!(drawn(&one, Format::BadgeSvg).contains("<title>a, forecast: 50.0 (90 %: 25.0 to 75.0)</title>"));
    let mut without = one.clone();
    without["forecasts"][0]["lower"] = Value::Null;
    assert!(drawn(&without, Format::Badge).contains("50.0 (no interval)"));
    let two = card(&answer("org/x", vec![row("a"), row("b")]));
    for format in [Format::Badge, Format::BadgeSvg] {
        let message = two.draw(format, &Options::default()).unwrap_err().to_string();
        assert_eq!(message, "a badge is about one benchmark; name it with --tasks");
        assert!(format.check_tasks(&[]).is_err() && format.check_tasks(&["a".into(), "b".into()]).is_err());
        assert!(format.check_tasks(&["a".into()]).is_ok());
    }
}

#[test]
fn a_model_index_is_no_measurement_for_a_reader_of_cards() {
    let mut answer = answer("org/x", vec![row("ifeval"), row("b")]);
    answer["forecasts"][1]["known"] = json!(true);
    let index = drawn(&answer, Format::ModelIndex);
    assert!(index.starts_with(
        "# Forecasts by eyas, method eyas. None of these scores is measured.\n# 1 known scores are left out.\n"
    ));
    assert!(index.contains("type: forecast\n      name: \"acc, forecast by eyas, not measured, 90 % interval 25.0 to 75.0\"\n      value: 50.0\n      verified: false\n"), "{index}");
    assert!(index.contains("url: \"https://board.example/x\"") && !index.contains("\"b\""), "{index}");
    // Readers of cards, ours among them, take none of it for a score.
    let text = format!("---\nlicense: mit\n{index}---\n# Model\n");
    let read = crate::formats::parse_lineage("README.md", &text).unwrap();
    assert!(
        read.scores.is_empty() && read.warnings.iter().any(|warning| warning.to_string().contains("forecast")),
        "{:?}",
        read.warnings
    );
    answer["forecasts"][0]["known"] = json!(true);
    assert!(card(&answer).draw(Format::ModelIndex, &Options::default()).is_err());
}

#[test]
fn where_next_to_nothing_is_known_no_number_looks_certain() {
    let mut answer = answer("org/x", vec![row("a")]);
    answer["subject"]["next_to_nothing"] = json!(true);
    for format in [Format::Svg, Format::Markdown, Format::Badge, Format::BadgeSvg] {
        let text = drawn(&answer, format);
        assert!(!text.contains("50.0") && !text.contains("rank"), "{text}");
        assert!(text.contains("Next to nothing is known") || text.contains("too little known"), "{text}");
    }
    assert!(card(&answer).draw(Format::ModelIndex, &Options::default()).is_err());
}

#[test]
fn other_json_and_names_are_refused() {
    assert!(Card::read("{}", INFO).err().unwrap().to_string().starts_with("the forecast is not of this version"));
    let message = "png".parse::<Format>().unwrap_err().to_string();
    assert_eq!(message, "no format \"png\"; there are svg, markdown, badge, badge-svg, model-index");
    assert_eq!("pink".parse::<Theme>().unwrap_err().to_string(), "no theme \"pink\"; there are light, dark, auto");
}
