use super::*;

fn number(cell: &str) -> Number {
    let Content::Number(number) = content(cell, false) else { panic!("{cell:?}: {:?}", content(cell, false)) };
    number
}

#[test]
fn marks_around_a_number_are_passed_over() {
    for cell in [
        "65.1",
        " 65.1 ",
        "65.1*",
        "65.1†",
        "65.1‡",
        "65.1 [1]",
        "65.1[2,3]",
        "65.1^a",
        "65.1^{1}",
        "65.1²",
        "~65.1",
        "**65.1**",
        "<b>65.1</b>",
        "_65.1_",
        "65.1 ↑",
        "65.1⬆️",
        "🥇 65.1",
        "`65.1`",
        "<strong>65.1</strong> 🏆",
        "+65.1",
        "65.1&nbsp;",
        "**65.1** <sup>[1]</sup>",
        "65,1",
    ] {
        let comma = cell == "65,1";
        let expected = Number { value: 65.1, ..Number::default() };
        assert_eq!(content(cell, comma), Content::Number(expected), "{cell}");
    }
    assert_eq!(content("10²⁰", false), Content::Text("10²⁰"));
}

#[test]
fn units_and_errors_are_beside_the_number() {
    let percent = |cell| (number(cell).value, number(cell).percent, number(cell).error);
    assert_eq!(percent("80.1%"), (80.1, true, None));
    assert_eq!(percent("80.1 %*"), (80.1, true, None));
    assert_eq!(percent("70.9 ± 1.2"), (70.9, false, Some(1.2)));
    assert_eq!(percent("70.9±1.2%"), (70.9, true, Some(1.2)));
    assert_eq!(percent("**70.9**% ± 1.2%"), (70.9, true, Some(1.2)));
    assert_eq!(percent("70.9 (±1.2)"), (70.9, false, Some(1.2)));
    assert_eq!(percent("0.61 +/- 0.01"), (0.61, false, Some(0.01)));
    assert_eq!(percent("1470 (+5/-4)"), (1470.0, false, Some(4.5)));
    for cell in ["70.9 [68.1, 73.2]", "70.9 (68.1–73.2)", "70.9 (68.1 - 73.2)", "70.9 (68.1-73.2)"] {
        assert_eq!(number(cell), Number { value: 70.9, interval: true, ..Number::default() }, "{cell}");
    }
    for cell in ["70.9 (1.2)", "70.9 (+1.2)", "70.9 (-1.2)", "70.9 (↑1.2)", "70.9 (#1)"] {
        assert_eq!(number(cell), Number { value: 70.9, remark: true, ..Number::default() }, "{cell}");
    }
    assert_eq!(number("70.9 (n=100)"), Number { value: 70.9, items: Some(100), ..Number::default() });
    assert_eq!((percent("70.9/100"), percent("70.9 pts")), ((70.9, true, None), (70.9, false, None)));
    assert_eq!((number("82.00 (7/8)").value, number("82.00 (7/8)").items), (82.0, Some(8)));
    for cell in ["$1,286", "1286 $", "US$ 1286", "1286 USD"] {
        assert_eq!((number(cell).value, number(cell).dollars), (1286.0, true), "{cell}");
    }
    assert_eq!(content("70,9 ± 1,2", true), Content::Number(Number { error: Some(1.2), ..number("70.9") }));
}

#[test]
fn half_widths_are_means_of_the_ends() {
    let found = ["+5/-5", "+6/-4", "± 5", "(+/-0.5)", "±1.2%", "5", "+5", "7/8", "±x"].map(half_width);
    assert_eq!(found, [Some(5.0), Some(5.0), Some(5.0), Some(0.5), Some(1.2), None, None, None, None]);
}

#[test]
fn thousands_are_groups_of_three_digits() {
    for (cell, value) in [
        ("1,286", 1286.0),
        ("12,345,678.5", 12_345_678.5),
        ("1 286", 1286.0),
        ("1\u{202f}286,", f64::NAN),
        ("1\u{202f}286", 1286.0),
        ("1'286", 1286.0),
        ("\u{2212}3", -3.0),
        ("-1,286", -1286.0),
        (".5", 0.5),
        ("1e3", 1000.0),
    ] {
        match content(cell, false) {
            Content::Number(number) => assert_eq!(number.value, value, "{cell}"),
            other => assert!(value.is_nan(), "{cell}: {other:?}"),
        }
    }
    for (cell, value) in [("80,1", 80.1), ("1.286,5", 1286.5), ("1.286", 1286.0), ("80.1", 80.1), ("-0,5", -0.5)] {
        assert_eq!(content(cell, true), Content::Number(Number { value, ..Number::default() }), "{cell}");
    }
}

#[test]
fn other_cells_are_unknown_or_text() {
    for cell in [
        "",
        " ",
        "N/A",
        "n/a",
        "NA",
        "-",
        "–",
        "—",
        "--",
        "NaN",
        "nan",
        "null",
        "None",
        "?",
        "TBD",
        "inf",
        "Infinity",
        "-inf",
        "**-**",
        "<b>N/A</b>",
        "&nbsp;",
    ] {
        assert_eq!(content(cell, false), Content::Unknown, "{cell}");
    }
    for cell in [
        "True",
        "false",
        "4,5",
        "0,801",
        "1,28,600",
        "7/8",
        "1e999",
        "1e300",
        "70B",
        "high",
        "org/a",
        "+5/-5",
        "✅",
        "🟢",
        "2024-05-13",
        "Llama 3",
        "3 (of 5)",
        "<1",
        "1.2.3",
        "65.1 (new)",
        "1 2",
        "10^5x",
        "[1]",
    ] {
        assert_eq!(content(cell, false), Content::Text(cell), "{cell}");
    }
}
