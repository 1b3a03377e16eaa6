use super::*;

fn lines(text: &str) -> Result<Vec<u64>> {
    let mut lines = Vec::new();
    Table::open("x.csv", text.as_bytes())?.each(|row| {
        lines.push(row.line);
        Ok(())
    })?;
    Ok(lines)
}

#[test]
fn rows_know_their_line_with_any_line_ends() {
    assert_eq!(lines("a,b\n1,2\n3,4\n").unwrap(), [2, 3]);
    assert_eq!(lines("a,b\r\n1,2\r\n\r\n3,4").unwrap(), [2, 4]);
    assert_eq!(lines("a,b\r1,2\r\r3,4\r").unwrap(), [2, 4]);
    assert_eq!(lines("a,b\n\n\n\"1\n1\",2\n3,4\n").unwrap(), [4, 6]);
    assert_eq!(lines("\n\nTitle\n\na,b\nx,1\n,\ny,2\n").unwrap(), [6, 8]);
    assert_eq!(lines("a\tb\n1,5\t2\n").unwrap(), [2]);
}

#[test]
fn a_table_of_another_shape_is_refused_with_its_line() {
    let message = |text: &str| lines(text).unwrap_err().to_string();
    assert_eq!(message("a,b\n1,2\n\n1,2,3\n"), "x.csv line 4: expected 2 columns as in the header, found 3");
    assert_eq!(message("a,b\n"), "x.csv line 1: only a header, no rows");
    assert_eq!(message("a\n1\n").as_str().get(..16), Some("x.csv line 1: ex"));
    assert!(message("a|b\n1|2\n").contains("separated by bars"));
    assert_eq!(message(" \n"), "x.csv: the file is empty");
    assert_eq!(message("\u{feff}\u{feff}"), "x.csv: the file is empty");
}

#[test]
fn short_rows_are_counted_and_blank_cells_at_the_end_dropped() {
    let text = "a,b,c,\n1,2,3,\n1,2\n\n1\n1,2,3,,\n";
    let mut table = Table::open("x.csv", text.as_bytes()).unwrap();
    let mut cells = Vec::new();
    let visited = table.each(|row| {
        cells.push((row.line, row.get(2).to_owned()));
        Ok(())
    });
    visited.unwrap();
    assert_eq!((table.header.len(), table.short, table.decimal_comma), (3, 2, false));
    let cell = |line, text: &str| (line, text.to_owned());
    assert_eq!(cells, [cell(2, "3"), cell(3, ""), cell(5, ""), cell(6, "3")]);
    let warning = table.short_warning().unwrap().to_string();
    assert!(warning.starts_with("x.csv line 3: 2 rows, this one first"), "{warning}");
}

#[test]
fn a_cut_file_and_an_open_quote_are_refused() {
    let message = |text: &str| lines(text).unwrap_err().to_string();
    assert!(message("a,b,c\n1,2,3\n1,2").starts_with("x.csv line 3: the file ends within this row"));
    assert!(message("a,b\n1,2\n1,\"2\n3,4\n").starts_with("x.csv line 3: the file ends within quotes"));
    assert!(message("a,b\n\"1,2\n3,4\n").starts_with("x.csv line 2: a cell runs over several lines"));
    assert!(lines("a,b\n1,\"2\"\"\"\n3,a\"\"").is_ok());
}

#[test]
fn converted_tables_keep_their_lines() {
    let mut table = Table::converted("x", b"\n\na,b\n\n1;2,\"3\"\n", 1).unwrap();
    assert_eq!(table.head(), Place::source("x").line(2));
    let mut line = 0;
    let visited = table.each(|row| {
        line = row.line;
        Ok(())
    });
    assert_eq!((visited, line), (Ok(()), 4));
}

#[test]
fn numbers_are_finite_or_refused() {
    assert_eq!(number("").unwrap(), None);
    assert_eq!(score("5.5").unwrap(), Some(5.5));
    for cell in ["NaN", "inf", "-Infinity", "1e999", "4,5", "n/a"] {
        assert!(number(cell).is_err(), "{cell}");
    }
    assert!(score("1e300").is_err());
    assert!(date("2025-13-01").is_err());
    assert!(date("2025-01-31T10:00:00Z").unwrap().is_some());
}

#[test]
fn a_header_may_have_a_second_line() {
    let text = "Model,Knowledge,,Reasoning,\n,MMLU,TriviaQA,GSM8K,BBH\norg/a,70.1,60,50,40\n";
    let mut table = Table::open("t.csv", text.as_bytes()).unwrap();
    assert_eq!(table.header, ["Model", "MMLU", "TriviaQA", "GSM8K", "BBH"]);
    let mut lines = Vec::new();
    let visited = table.again().unwrap().each(|row| {
        lines.push((row.line, row.get(4).to_owned()));
        Ok(())
    });
    visited.unwrap();
    assert_eq!(lines, [(3, "40".to_owned())]);
    assert!(table.each(|_| Ok(())).is_ok());
}
