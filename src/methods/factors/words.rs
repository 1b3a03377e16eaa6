//! The words in a model's name.

use crate::linalg::distinct;

/// The parts of a name in lower case: it is split at signs, and where a capital follows a small letter.
pub(in crate::methods) fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !(c.is_ascii_alphanumeric() || c == '.') || (before.is_ascii_lowercase() && c.is_ascii_uppercase()) {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut().filter(|_| c.is_ascii_alphanumeric() || c == '.') {
            last.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The parts of a name, and the runs of letters and of digits within them; each word once.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in parts(name) {
        let part = part.trim_matches('.');
        let mut run = String::new();
        for c in part.chars() {
            let same_kind = run.chars().last().is_none_or(|last| last.is_ascii_alphabetic() == c.is_ascii_alphabetic());
            if !same_kind {
                words.push(std::mem::take(&mut run).trim_matches('.').to_owned());
            }
            run.push(c);
        }
        words.push(run.trim_matches('.').to_owned());
        words.push(part.to_owned());
    }
    words.retain(|word| !word.is_empty());
    distinct(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parts_and_their_runs() {
        let found = words("MagoMix-Qwen2.5");
        assert_eq!(found, ["2.5", "mago", "mix", "qwen", "qwen2.5"]);
    }
}
