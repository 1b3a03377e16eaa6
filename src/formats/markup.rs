//! Texts with markup: HTML tags, anchors and entities, Markdown links and emphasis, emoji around a name.

use super::hub_id;
use std::borrow::Cow;

/// A name without its markup, and the address that it links to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) link: Option<Cow<'a, str>>,
}

/// The name in a cell: the text of its first link that has a text, or else the whole text without markup. An address of
/// a model on the hub is the model's id.
pub(super) fn named(cell: &str) -> Named<'_> {
    let cell = cell.trim();
    if is_address(cell) {
        let name = address_of_model(cell).unwrap_or(cell);
        return Named { name: Cow::Borrowed(name), link: Some(Cow::Borrowed(cell)) };
    }
    let linked = anchor(cell).or_else(|| markdown_link(cell));
    let Some((text, link, rest)) = linked else {
        return Named { name: plain(bare(cell)), link: None };
    };
    let rest = plain(bare(rest)).into_owned();
    let is_note = rest.starts_with('(') && without_note(&rest).1.is_some();
    let name = plain(text);
    let name = if is_note { Cow::Owned(format!("{name} {rest}")) } else { name };
    Named { name, link: Some(link) }
}

/// Splits a note about the setting of an evaluation from a model's name: `org/c (few-shot)`. Other text in brackets
/// belongs to the name.
pub(super) fn without_note(name: &str) -> (&str, Option<&str>) {
    let split = name.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('('));
    match split.filter(|(_, note)| is_setting(note)) {
        Some((rest, note)) => (rest.trim_end(), Some(note.trim())),
        None => (name, None),
    }
}

fn is_setting(note: &str) -> bool {
    let lower = note.to_ascii_lowercase();
    let words: Vec<&str> = lower.split([' ', '-', ',', '/', '_']).filter(|word| !word.is_empty()).collect();
    let count = |word: &str| word.parse::<u16>().is_ok() || ["few", "zero", "one"].contains(&word);
    let setting = |(at, word): (usize, &&str)| match *word {
        "val" | "fc" | "prompt" | "cot" | "reported" => true,
        "shot" | "shots" => at > 0 && count(words[at - 1]),
        word => count(word) && words.get(at + 1).is_some_and(|next| next.starts_with("shot")),
    };
    !words.is_empty() && words.iter().enumerate().all(setting)
}

/// A text without HTML tags and with its entities decoded.
pub(super) fn bare(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let opens = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match rest.find('>').filter(|_| opens) {
            Some(end) => {
                if rest[1..].get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("br")) {
                    plain.push(' ');
                }
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('<');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(decode(&plain).trim().to_owned())
}

/// A text with its HTML entities decoded; a space that does not break becomes a plain one.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((entity(&rest[1..end])?, end)));
        let (character, skip) = found.map_or(('&', 1), |(character, end)| (character, end + 1));
        decoded.push(character);
        rest = &rest[skip..];
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn entity(name: &str) -> Option<char> {
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    Some(match name {
        "amp" => '&',
        "nbsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "plusmn" => '±',
        "minus" => '\u{2212}',
        "ndash" => '–',
        "mdash" => '—',
        _ => {
            let digits = name.strip_prefix('#')?;
            let found = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => code(digits, 16),
                None => code(digits, 10),
            }?;
            if found == '\u{a0}' { ' ' } else { found }
        }
    })
}

/// Whether a character is an emoji, an arrow, a medal, or a part of one.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0x2190..=0x21ff | 0x2300..=0x23ff | 0x25a0..=0x27bf | 0x2900..=0x297f | 0x2b00..=0x2bff
        | 0x200d | 0x20e3 | 0xfe0e | 0xfe0f | 0x1f000..=0x1faff | 0xe_0020..=0xe_007f)
}

/// The text, address and remainder of the first HTML link that has a text, unless a name stands before it.
fn anchor(cell: &str) -> Option<(Cow<'_, str>, Cow<'_, str>, &str)> {
    let mut first_link = None;
    let mut from = 0;
    while let Some(at) = find_ignoring_case(&cell[from..], "<a ").map(|at| at + from) {
        if first_link.is_none() && has_text(&bare(&cell[..at])) {
            return None;
        }
        let open = at + cell[at..].find('>')? + 1;
        let close = find_ignoring_case(&cell[open..], "</a").map_or(cell.len(), |end| open + end);
        let rest = cell[close..].find('>').map_or("", |end| &cell[close + end + 1..]);
        let text = bare(&cell[open..close]);
        let link = attribute(&cell[at..open], "href").map_or(Cow::Borrowed(""), decode);
        if has_text(&text) {
            return Some((text, link, rest));
        }
        first_link.get_or_insert(link);
        from = close;
    }
    None
}

/// The value of an attribute in a tag.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = find_ignoring_case(tag, name)?;
    let value = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split(|c: char| c.is_whitespace() || c == '>').next(),
    }
}

/// Where an ASCII text occurs, in any case.
pub(super) fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    let same = |window: &[u8]| window.eq_ignore_ascii_case(wanted.as_bytes());
    text.as_bytes().windows(wanted.len()).position(same)
}

/// The text, address and remainder of a Markdown link at the start of a cell. One with a reference (`[MMLU][mmlu]`) has no
/// address here.
fn markdown_link(cell: &str) -> Option<(Cow<'_, str>, Cow<'_, str>, &str)> {
    let start = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '*' || is_emoji(c));
    let start = start.strip_prefix('[')?;
    let (text, address, rest) = match start.split_once("](") {
        Some((text, rest)) => {
            let (address, rest) = rest.split_once(')')?;
            (text, address.split_whitespace().next().unwrap_or(""), rest)
        }
        None => {
            let (text, rest) = start.split_once("][")?;
            (text, "", rest.split_once(']')?.1)
        }
    };
    has_text(text).then_some((Cow::Borrowed(text), Cow::Borrowed(address), rest))
}

fn has_text(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// A text without emphasis, backticks and emoji around it. A text of nothing else stays.
fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    let around = |c: char| c.is_whitespace() || is_emoji(c);
    let mut kept: &str = text.trim_matches(around);
    while let Some(inner) = ["**", "__", "~~", "*", "_", "`"]
        .iter()
        .find_map(|mark| kept.strip_prefix(mark)?.strip_suffix(mark))
        .filter(|inner| has_text(inner))
    {
        kept = inner.trim_matches(around);
    }
    if kept.is_empty() || kept.len() == text.len() { text } else { narrowed(&text, kept) }
}

/// A part of a text with the lifetime of the text.
fn narrowed<'a>(text: &Cow<'a, str>, part: &str) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(whole) => {
            let start = part.as_ptr().addr() - whole.as_ptr().addr();
            Cow::Borrowed(&whole[start..start + part.len()])
        }
        Cow::Owned(_) => Cow::Owned(part.to_owned()),
    }
}

fn is_address(cell: &str) -> bool {
    ["https://", "http://", "huggingface.co/", "hf.co/"].iter().any(|start| cell.starts_with(start))
        && !cell.contains(char::is_whitespace)
}

/// The id of the model that an address of the hub names.
fn address_of_model(cell: &str) -> Option<&str> {
    let path = cell.split_once("://").map_or(cell, |(_, path)| path);
    let path = path.strip_prefix("www.").unwrap_or(path);
    let on_hub = ["huggingface.co/", "hf.co/"].iter().any(|host| path.starts_with(host));
    hub_id(cell).filter(|id| on_hub && id.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_without_its_markup() {
        let board = "<a target=\"_blank\" href=\"https://huggingface.co/org/a\" style=\"color: var(--link)\">org/a</a>&nbsp; \
                     <a href=\"https://huggingface.co/datasets/x\">📑</a>";
        for (cell, name, link) in [
            (board, "org/a", Some("https://huggingface.co/org/a")),
            ("<a href='https://x.org/?a=1&amp;b=2'><b>A &amp; B</b></a>", "A & B", Some("https://x.org/?a=1&b=2")),
            ("<A HREF=https://x.org/c>org/c</A> (few-shot)", "org/c (few-shot)", Some("https://x.org/c")),
            ("<a href=\"x\">📑</a> <a href=\"y\">org/d</a>", "org/d", Some("y")),
            ("GPT-4 <a href=\"x\">[1]</a>", "GPT-4 [1]", None),
            ("[org/b](https://huggingface.co/org/b)", "org/b", Some("https://huggingface.co/org/b")),
            ("[MMLU][mmlu]", "MMLU", Some("")),
            ("🥇 **[org/b](https://x.org \"title\")** 📑", "org/b", Some("https://x.org")),
            ("**org/a**", "org/a", None),
            ("`org/a`", "org/a", None),
            ("🥇 org/a 🏆", "org/a", None),
            ("<b>org/a</b>&nbsp;", "org/a", None),
            ("https://huggingface.co/org/a", "org/a", Some("https://huggingface.co/org/a")),
            ("hf.co/org/a/tree/main", "org/a", Some("hf.co/org/a/tree/main")),
            ("https://example.org/a/b", "https://example.org/a/b", Some("https://example.org/a/b")),
            ("org/a_b", "org/a_b", None),
            ("a < b", "a < b", None),
            ("🟢", "🟢", None),
        ] {
            let found = named(cell);
            assert_eq!((found.name.as_ref(), found.link.as_deref()), (name, link), "{cell}");
        }
        assert!(matches!(named(" org/a ").name, Cow::Borrowed("org/a")));
    }

    #[test]
    fn only_settings_are_notes() {
        for (name, rest, note) in [
            ("org/c (few-shot)", "org/c", Some("few-shot")),
            ("org/c (5-shot)", "org/c", Some("5-shot")),
            ("org/c (zero-shot, val)", "org/c", Some("zero-shot, val")),
            ("x (FC)", "x", Some("FC")),
            ("x (Prompt)", "x", Some("Prompt")),
            ("x (0-shot CoT)", "x", Some("0-shot CoT")),
            ("x (reported)", "x", Some("reported")),
            ("Claude 3.5 Sonnet (20241022)", "Claude 3.5 Sonnet (20241022)", None),
            ("x (high)", "x (high)", None),
            ("x (Merge)", "x (Merge)", None),
            ("x (7)", "x (7)", None),
            ("x ()", "x ()", None),
        ] {
            assert_eq!(without_note(name), (rest, note), "{name}");
        }
    }

    #[test]
    fn entities_are_decoded_once() {
        assert_eq!(decode("a &amp;lt; b &#39;c&#x27; &plusmn; & d; &nope;"), "a &lt; b 'c' ± & d; &nope;");
        assert_eq!(bare("x<br/>y <!-- z --> <1"), "x y  <1");
    }
}
