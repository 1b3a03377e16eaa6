//! The card as a table in Markdown, for a README or a model card.

use super::answer::{Answer, Data, Source};
use super::drawing::{Lettered, lettered, ordered};
use super::{Options, words};
use std::fmt::Write as _;

/// The table with what is above and below it.
pub(super) fn draw(answer: &Answer, data: &Data, options: &Options) -> String {
    let parents = lettered(answer);
    let heading = words::heading(answer);
    let mut text = format!("**{heading}: {}**\n\n", escaped(&words::subject(answer)));
    if let Some(original) = &answer.quantisation_of {
        let _ = write!(text, "Measured are the scores of {}.\n\n", escaped(original));
    }
    if answer.subject.next_to_nothing {
        let _ = write!(text, "{} {}\n\n", words::NOTHING, words::NEEDED);
    } else {
        text.push_str(&table(answer, &parents));
        let named = parents.iter().map(|one| format!("{}: {}, measured.", one.letter, escaped(&words::parent(one))));
        let named: Vec<String> = named.collect();
        text.push_str(&named.join(" "));
        text.push_str(if named.is_empty() { "" } else { "\n\n" });
    }
    let sources: Vec<String> = data.sources.iter().map(source).collect();
    let _ = writeln!(
        text,
        "<sub>{} Data, with licences: {}.</sub>",
        escaped(&words::made(answer, data, options.date)),
        sources.join(", ")
    );
    text
}

fn table(answer: &Answer, parents: &[Lettered<'_>]) -> String {
    let rows = ordered(&answer.forecasts);
    let of = rows.iter().map(|row| row.of).max().unwrap_or(0);
    let has_origin = rows.iter().any(|row| row.known);
    let mut head = vec!["Benchmark".to_owned(), "Score".to_owned(), "90 % interval".to_owned()];
    head.push(format!("Rank of {}", words::count(of)));
    head.extend(has_origin.then(|| "Origin".to_owned()));
    head.extend(parents.iter().map(|one| one.letter.to_string()));
    let rule = head.iter().map(|name| if name == "Benchmark" || name == "Origin" { "---" } else { "---:" });
    let mut text = line(&head) + &line(&rule.map(str::to_owned).collect::<Vec<_>>());
    for row in rows {
        let less = if row.lower_is_better { " (less is better)" } else { "" };
        let mut cells = vec![format!("{}{less}", escaped(&words::label(row)))];
        cells.push(format!("**{}**", words::score(row.mean, row.range)));
        cells.extend([words::interval(row).unwrap_or_else(|| "–".to_owned()), words::rank(row)]);
        cells.extend(has_origin.then(|| words::origin(row, answer).to_owned()));
        let measured = |one: &Lettered<'_>| row.parents.get(&one.parent.id).map(|&part| words::score(part, row.range));
        cells.extend(parents.iter().map(|one| measured(one).unwrap_or_else(|| "–".to_owned())));
        text.push_str(&line(&cells));
    }
    text + "\n"
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A source with its address and licence.
fn source(source: &Source) -> String {
    let name = escaped(&source.name);
    let is_plain =
        |url: &&String| url.starts_with("https://") && !url.contains(['(', ')', '<', '>', ' ', '"', '\\', '\n']);
    let name = source.url.as_ref().filter(is_plain).map_or(name.clone(), |url| format!("[{name}]({url})"));
    format!("{name} ({})", escaped(&source.license))
}

/// A text of one line that Markdown and HTML take as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for sign in words::clean(text).chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '#' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(sign);
            }
            _ => escaped.push(sign),
        }
    }
    escaped
}
