//! Blocks of code in a README that may be YAML: fenced by ``` or ~~~, indented, or in `<pre>`.

use crate::formats::markup::{decode, find_ignoring_case};

/// A block of code without the indentation that its lines share.
pub(super) struct Block {
    pub(super) text: String,
    /// The line of the README on which it starts.
    pub(super) line: u64,
}

/// The blocks whose language is YAML or is not stated, in their order.
pub(super) fn of(text: &str) -> Vec<Block> {
    let mut scan = Scan::default();
    text.lines().zip(1u64..).for_each(|(line, number)| scan.take(line, number));
    scan.close();
    let mut blocks = scan.blocks;
    for block in in_html(text) {
        let at = blocks.iter().position(|other| other.line > block.line).unwrap_or(blocks.len());
        blocks.insert(at, block);
    }
    blocks.retain(|block| !block.text.trim().is_empty());
    blocks
}

/// A fence: its character, its length, whether its block may be YAML, and whether it is in a quotation (`> `).
struct Fence {
    mark: char,
    length: usize,
    yaml: bool,
    quoted: bool,
}

#[derive(Default)]
struct Scan {
    blocks: Vec<Block>,
    /// The lines of the open block, and the number of its first.
    lines: String,
    first: u64,
    fence: Option<Fence>,
    indented: bool,
    after_text: bool,
    comment: bool,
}

impl Scan {
    fn take(&mut self, line: &str, number: u64) {
        let opening = fence(line);
        if let Some(open) = &self.fence {
            let mark = opening.as_ref().filter(|(fence, _)| fence.mark == open.mark && fence.length >= open.length);
            // A fence with a language opens another block, since the block before it was not closed.
            let reopens = mark.is_some_and(|(_, language)| !language.is_empty());
            match mark {
                None => {
                    let quoted =
                        Some(line).filter(|_| open.quoted).and_then(|line| line.trim_start().strip_prefix('>'));
                    self.lines.push_str(quoted.map_or(line, |line| line.strip_prefix(' ').unwrap_or(line)));
                    self.lines.push('\n');
                }
                Some(_) => self.close(),
            }
            if !reopens {
                return;
            }
        }
        if self.comment || (line.contains("<!--") && !line.contains("-->")) {
            self.comment = !line.contains("-->");
            return;
        }
        if let Some((fence, _)) = opening {
            self.close();
            (self.fence, self.first) = (Some(fence), number + 1);
            return;
        }
        self.take_indented(line, number);
    }

    /// Four spaces after a blank line start a block.
    fn take_indented(&mut self, line: &str, number: u64) {
        let blank = line.trim().is_empty();
        if self.indented || !self.after_text {
            let starts = !blank && (line.starts_with("    ") || line.starts_with('\t'));
            if starts && !self.indented {
                (self.indented, self.first) = (true, number);
            }
            if self.indented && (starts || blank) {
                self.lines.push_str(line);
                self.lines.push('\n');
                return;
            }
            self.close();
        }
        self.after_text = !blank;
    }

    fn close(&mut self) {
        let yaml = self.fence.take().map_or(self.indented, |fence| fence.yaml);
        let lines = std::mem::take(&mut self.lines);
        if yaml {
            self.blocks.push(Block { text: dedented(&lines), line: self.first });
        }
        (self.indented, self.after_text) = (false, false);
    }
}

/// The fence that a line is, and the language behind it.
fn fence(line: &str) -> Option<(Fence, &str)> {
    let bare = line.trim_start_matches([' ', '\t', '>', '-', '*']);
    let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = bare.trim_start_matches(mark);
    let length = bare.len() - info.len();
    let language = info.trim();
    if length < 3 || language.contains('`') {
        return None;
    }
    let word = language.split([' ', ',', ':', '}']).next().unwrap_or_default().trim_start_matches(['{', '.']);
    let yaml = ["", "yaml", "yml", "text", "txt"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let quoted = line.trim_start().starts_with('>');
    Some((Fence { mark, length, yaml, quoted }, language))
}

/// The text without the blanks with which all its lines start.
fn dedented(text: &str) -> String {
    let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared = text.lines().filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or(0);
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        plain.push_str(line.get(shared..).unwrap_or_default());
        plain.push('\n');
    }
    plain
}

/// The blocks in `<pre>`, without tags.
fn in_html(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(start) = find_ignoring_case(rest, "<pre") {
        let inner = &rest[start + 4..];
        let end = find_ignoring_case(inner, "</pre").unwrap_or(inner.len());
        line += rest[..start].matches('\n').count() as u64;
        // What is left of the tag <pre> itself ends at its bracket.
        if let Some((attributes, code)) =
            inner[..end].split_once('>').filter(|(attributes, _)| !attributes.contains('<'))
        {
            let first = line + attributes.matches('\n').count() as u64;
            blocks.push(Block { text: decode(&without_tags(code)).into_owned(), line: first });
        }
        line += inner[..end].matches('\n').count() as u64;
        rest = &inner[end..];
    }
    blocks
}

fn without_tags(code: &str) -> String {
    let mut plain = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        let tag = rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match rest[at..].find('>').filter(|_| tag) {
            Some(end) => rest = &rest[at + end + 1..],
            None => {
                plain.push('<');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u64, String)> {
        of(text).into_iter().map(|block| (block.line, block.text)).collect()
    }

    #[test]
    fn every_kind_of_block_is_found_with_its_line() {
        for (text, line, block) in [
            ("a\n```yaml\nb: 1\n```\n", 3, "b: 1\n"),
            ("~~~\nb: `1`\n```\n~~~\n", 2, "b: `1`\n```\n"),
            ("````yml\n```\nb: 1\n````\n", 2, "```\nb: 1\n"),
            ("<details>\n\n  ```YAML\nb:\n  c: 1\n  ```\n", 4, "b:\n  c: 1\n"),
            ("1\n   ``` {.yaml}\n   b:\n     c: 1\n   ```\n", 3, "b:\n  c: 1\n"),
            ("> ```yaml\n> b:\n>   c: 1\n> ```\n", 2, "b:\n  c: 1\n"),
            ("- ```\n  b: 1\n  ```\n", 2, "b: 1\n"),
            ("a\n\n    b:\n\n      c: 1\nd\n", 3, "b:\n\n  c: 1\n"),
            (
                "a\n<PRE class=\"x\"><code class=\"yaml\">b: &quot;1&quot;\n<span>c</span>: &lt;2\n</code></PRE>",
                2,
                "b: \"1\"\nc: <2\n",
            ),
            ("```yaml\nb: 1\n", 2, "b: 1\n"),
            ("```python\nx = 1\n```yaml\nb: 1\n```", 4, "b: 1\n"),
        ] {
            assert_eq!(found(text), [(line, block.to_owned())], "{text}");
        }
        let order: Vec<u64> =
            found("```\na\n```\n<pre>b</pre>\n```\nc\n```\n").into_iter().map(|block| block.0).collect();
        assert_eq!(order, [2, 4, 6]);
    }

    #[test]
    fn other_languages_and_comments_are_left_out() {
        for text in [
            "```python\nb: 1\n```",
            "`b: 1`",
            "<!--\n```\nb: 1\n```\n-->",
            "a\n    b: 1",
            "``` a `b` ```",
            "<pre",
            "x < y <pre>",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
