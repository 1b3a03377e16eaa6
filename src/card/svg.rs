//! The picture: one SVG without scripts and without references to other files, which says what it shows in words, too.

use super::answer::{Answer, Data, Row};
use super::drawing::{Lettered, Piece, axis, lettered, ordered, pieces};
use super::width::{bold, fitted, lines, width};
use super::{Options, Theme, words};
use crate::error::{Error, Result};
use std::fmt::Write as _;

/// The most bytes of a picture.
pub(super) const MOST_BYTES: usize = 12_288;

/// Width of the picture, and of the margin on each side, in pixels.
const WIDTH: f32 = 480.0;
const MARGIN: f32 = 20.0;
const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Length of a track; ranks stand to the right of it.
const TRACK: f32 = 258.0;
/// Height of a row, and what a row with letters has above its track.
const ROW: f32 = 39.0;
const LETTERS: f32 = 12.0;
/// Of more parents than this no letters are drawn, and of the first ones the ticks.
const MOST_LETTERS: usize = 6;
const MOST_TICKS: usize = 12;
/// More parents than this are not named.
const MOST_PARENTS: usize = 4;

const LIGHT: &str = ".p{fill:#fdfbf6;stroke:#ddd3c2}.i,.n,.v{fill:#27211a}.s{fill:#655b4e}.a{fill:#a3441a}.r{stroke:#ece4d6}.e{stroke:#ddd3c2}.l{fill:#44606e}.t{stroke:#44606e}.o{stroke:#fdfbf6}";
const DARK: &str = ".p{fill:#201c18;stroke:#3f372e}.i,.n,.v{fill:#efe7da}.s{fill:#b5aa99}.a{fill:#e8a06a}.r{stroke:#332c25}.e{stroke:#3f372e}.l{fill:#9dbccb}.t{stroke:#9dbccb}.o{stroke:#201c18}";
const SHAPES: &str = "text{font:11px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}text.n{font-size:13px;font-weight:600}text.v{font-size:14px;font-weight:600}tspan{font-size:11px;font-weight:400}.h{font-size:18px;font-weight:600}text.a,text.l{font-weight:600}.b{fill-opacity:.32}.t{stroke-width:2}.r{stroke-width:4;stroke-linecap:round}.o{stroke-width:2}";

/// Draws the picture.
pub(super) fn draw(answer: &Answer, data: &Data, options: &Options) -> Result<String> {
    let parents = lettered(answer);
    let mut page = Page { y: 0.0, body: String::new() };
    page.head(answer, &parents);
    if answer.subject.next_to_nothing {
        page.nothing();
    } else {
        page.rows(answer, &parents);
    }
    page.foot(answer, data, options);
    let Page { y, body } = page;
    let (wide, height) = (number(WIDTH), number(y));
    let style = match options.theme.unwrap_or_default() {
        Theme::Light => LIGHT.to_owned(),
        Theme::Dark => DARK.to_owned(),
        Theme::Auto => format!("{LIGHT}@media (prefers-color-scheme:dark){{{DARK}}}"),
    };
    let title = format!("{}: {}", words::heading(answer), fitted(&words::subject(answer), 10.0, 600.0));
    let frame = format!(
        "<rect class=\"p\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
        number(WIDTH - 1.0),
        number(y - 1.0)
    );
    let open = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{height}\" viewBox=\"0 0 {wide} {height}\" role=\"img\">\n<title>{}</title>\n",
        xml(&title)
    );
    let rest = format!("<style>{SHAPES}{style}</style>\n{frame}{body}</svg>\n");
    let free = MOST_BYTES.saturating_sub(open.len() + rest.len());
    let described = description(answer, data, &parents, options, free);
    let picture = format!("{open}{described}{rest}");
    if picture.len() > MOST_BYTES {
        let (shown, size) = (answer.forecasts.len(), picture.len().div_ceil(1024));
        return Err(Error::input(format!(
            "a picture of {shown} benchmarks would have {size} KB, more than 12; name fewer with --tasks, or take the format markdown"
        )));
    }
    Ok(picture)
}

/// The rows in words, as many as fit into `room` bytes.
fn description(answer: &Answer, data: &Data, parents: &[Lettered<'_>], options: &Options, room: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    if answer.subject.next_to_nothing {
        parts.push(format!("{} {}", words::NOTHING, words::NEEDED));
    } else {
        let named = parents.iter().map(|one| format!("{} {}, measured.", one.letter, words::parent(one)));
        parts.extend(named.take(MOST_LETTERS));
        let rows = ordered(&answer.forecasts).into_iter();
        parts.extend(rows.map(|row| format!("{}.", words::sentence(row, answer, parents))));
    }
    parts.extend([words::made(answer, data, options.date), words::attribution(data)]);
    let (mut text, end) = ("<desc>".to_owned(), "</desc>\n");
    for part in parts {
        let part = format!("{}\n", xml(&part));
        if text.len() + part.len() + end.len() <= room {
            text.push_str(&part);
        }
    }
    format!("{}{end}", text.trim_end())
}

/// The part of the picture that is drawn so far, and where it ends.
struct Page {
    y: f32,
    body: String,
}

impl Page {
    fn text(&mut self, class: &str, x: f32, text: &str) {
        let _ = writeln!(
            self.body,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
            number(x),
            number(self.y),
            xml(text)
        );
    }

    /// What the numbers are, whose they are, and what the marks mean.
    fn head(&mut self, answer: &Answer, parents: &[Lettered<'_>]) {
        self.y = 29.0;
        self.text("a", MARGIN, words::heading(answer));
        for line in lines(&words::subject(answer), bold(18.0), ROOM, 3) {
            self.y += 22.0;
            self.text("h i", MARGIN, &line);
        }
        if let Some(original) = &answer.quantisation_of {
            self.y += 17.0;
            self.text(
                "s",
                MARGIN,
                &fitted(&format!("Measured are the scores of {}", words::clean(original)), 11.0, ROOM),
            );
        }
        if answer.subject.next_to_nothing {
            return;
        }
        for one in parents.iter().take(MOST_PARENTS) {
            self.y += 17.0;
            self.text("l", MARGIN, &one.letter.to_string());
            self.text("s", MARGIN + 14.0, &fitted(&words::parent(one), 11.0, ROOM - 14.0));
        }
        if parents.len() > MOST_PARENTS {
            self.y += 17.0;
            self.text("s", MARGIN, &format!("and {} more parents", parents.len() - MOST_PARENTS));
        }
        self.y += 20.0;
        self.legend(answer, parents);
        self.y += 11.0;
    }

    fn legend(&mut self, answer: &Answer, parents: &[Lettered<'_>]) {
        let rows = &answer.forecasts;
        let (mut x, middle) = (MARGIN, self.y - 4.0);
        let mut key = |page: &mut Self, shown: bool, mark: Piece, word: &str| {
            if shown {
                page.piece(mark, x, 18.0, middle);
                page.text("s", x + 24.0, word);
                x += 24.0 + width(word, 11.0) + 6.0;
            }
        };
        key(self, rows.iter().any(|row| !row.known), Piece::Point { at: 0.5 }, "forecast");
        key(self, rows.iter().any(|row| row.known), Piece::Square { at: 0.5 }, "measured or given");
        let sampled = rows.iter().all(|row| row.known);
        key(
            self,
            rows.iter().any(|row| row.lower.is_some()),
            Piece::Band { from: 0.0, to: 1.0, sampled },
            "90 % interval",
        );
        key(self, !parents.is_empty(), Piece::Tick { at: 0.5 }, "parent");
    }

    fn nothing(&mut self) {
        for (class, text) in [("h i", words::NOTHING), ("s", words::NEEDED)] {
            for line in lines(text, if class == "s" { 11.0 } else { bold(18.0) }, ROOM, 3) {
                self.y += 24.0;
                self.text(class, MARGIN, &line);
            }
        }
        self.y += 12.0;
    }

    fn rows(&mut self, answer: &Answer, parents: &[Lettered<'_>]) {
        let rows = ordered(&answer.forecasts);
        let mut above = std::mem::take(&mut self.body);
        let (mut edges, mut rails) = (String::new(), String::new());
        for &row in &rows {
            let _ = write!(edges, "M{} {}h{}", number(MARGIN), number(self.y), number(ROOM));
            let middle = self.row(row, answer, parents);
            let _ = write!(rails, "M{} {}h{}", number(MARGIN + 2.0), number(middle), number(TRACK - 4.0));
        }
        let _ = write!(edges, "M{} {}h{}", number(MARGIN), number(self.y), number(ROOM));
        let _ = writeln!(above, "<path class=\"e\" d=\"{edges}\"/>\n<path class=\"r\" d=\"{rails}\"/>");
        self.body = above + &self.body;
        self.y += 15.0;
        for (at, label) in axis(&rows) {
            let (x, y) = (number(MARGIN + TRACK * at), number(self.y));
            let anchor = if at == 0.0 {
                "start"
            } else if at == 1.0 {
                "end"
            } else {
                "middle"
            };
            let _ = writeln!(
                self.body,
                "<text class=\"s\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
                xml(&label)
            );
        }
        self.y += 7.0;
    }

    /// A benchmark: its name and score above its track, its rank beside it. Returns the middle of the track.
    fn row(&mut self, row: &Row, answer: &Answer, parents: &[Lettered<'_>]) -> f32 {
        let (name, detail) = words::named(row);
        let less = if row.lower_is_better { "less is better" } else { "" };
        let asides = [detail.as_str(), words::origin(row, answer), less];
        let aside = asides.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(", ");
        let (value, ends) = (words::score(row.mean, row.range), words::interval(row).unwrap_or_default());
        let room = ROOM - width(&value, bold(14.0)) - width(&ends, 11.0) - 16.0;
        let name = fitted(&name, bold(13.0), room);
        let aside = fitted(&aside, 11.0, (room - width(&name, bold(13.0)) - 5.0).max(12.0));
        let (top, left, right) = (number(self.y + 16.0), number(MARGIN), number(WIDTH - MARGIN));
        let _ = writeln!(
            self.body,
            "<text class=\"n\" x=\"{left}\" y=\"{top}\">{} <tspan class=\"s\">{}</tspan></text>",
            xml(&name),
            xml(&aside)
        );
        let _ = writeln!(
            self.body,
            "<text class=\"v\" x=\"{right}\" y=\"{top}\" text-anchor=\"end\">{value} <tspan class=\"s\">{ends}</tspan></text>"
        );
        let lettered = row.parents.values().next().is_some() && parents.len() <= MOST_LETTERS;
        let middle = self.y + 29.0 + if lettered { LETTERS } else { 0.0 };
        for piece in pieces(row, &parents[..parents.len().min(MOST_TICKS)]) {
            if lettered || !matches!(piece, Piece::Letter { .. }) {
                self.piece(piece, MARGIN, TRACK, middle);
            }
        }
        let rank = format!("rank {} of {}", words::rank(row), words::count(row.of));
        let _ = writeln!(
            self.body,
            "<text class=\"s\" x=\"{right}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            number(middle + 4.0),
            xml(&rank)
        );
        self.y += ROW + if lettered { LETTERS } else { 0.0 };
        middle
    }

    /// A piece on a track that begins at `x` and is `length` long.
    fn piece(&mut self, piece: Piece, x: f32, length: f32, middle: f32) {
        let place = |at: f32| number(x + length * at);
        let _ = match piece {
            Piece::Band { from, to, sampled } => {
                let (class, wide) = (if sampled { "i b" } else { "a b" }, number((length * (to - from)).max(3.0)));
                let (left, top) = (place(from), number(middle - 6.0));
                writeln!(
                    self.body,
                    "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"12\" rx=\"6\"/>"
                )
            }
            Piece::Tick { at } => {
                writeln!(self.body, "<path class=\"t\" d=\"M{} {}v18\"/>", place(at), number(middle - 9.0))
            }
            Piece::Letter { at, letter } => {
                let top = number(middle - 11.0);
                writeln!(
                    self.body,
                    "<text class=\"l\" x=\"{}\" y=\"{top}\" text-anchor=\"middle\">{letter}</text>",
                    place(at)
                )
            }
            Piece::Point { at } => {
                writeln!(self.body, "<circle class=\"a o\" cx=\"{}\" cy=\"{}\" r=\"6\"/>", place(at), number(middle))
            }
            Piece::Square { at } => {
                let (left, top) = (number(x + length * at - 6.0), number(middle - 6.0));
                writeln!(self.body, "<rect class=\"i o\" x=\"{left}\" y=\"{top}\" width=\"12\" height=\"12\"/>")
            }
        };
    }

    /// How the numbers were made, and from whose data.
    fn foot(&mut self, answer: &Answer, data: &Data, options: &Options) {
        self.y += 4.0;
        let made = lines(&words::made(answer, data, options.date), 11.0, ROOM, 3);
        for line in made.iter().chain(&lines(&words::attribution(data), 11.0, ROOM, 6)) {
            self.y += 15.0;
            self.text("s", MARGIN, line);
        }
        self.y += 18.0;
    }
}

/// A coordinate with one decimal place at most.
pub(super) fn number(value: f32) -> String {
    let text = words::fixed(f64::from(value), 1);
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// A text as the content of an element.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::new();
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(sign),
        }
    }
    escaped
}
