//! How ids are compared: the account, and the key of a name, which is the same for all spellings of it.

/// Accounts that upload models of other accounts again under the same names.
const REUPLOADERS: [&str; 21] = [
    "unsloth",
    "thebloke",
    "bartowski",
    "mradermacher",
    "lmstudio-community",
    "mlx-community",
    "maziyarpanahi",
    "quantfactory",
    "nousresearch",
    "neuralmagic",
    "redhatai",
    "hugging-quants",
    "casperhansen",
    "turboderp",
    "lonestriker",
    "ggml-org",
    "second-state",
    "devquasar",
    "tensorblock",
    "solidrust",
    "alpindale",
];

/// Those of them that also publish models of their own.
const AUTHORS: [&str; 5] = ["nousresearch", "neuralmagic", "redhatai", "devquasar", "alpindale"];

/// Accounts that were renamed: their former and present names.
const RENAMED: [(&str, &str); 1] = [("cohereforai", "coherelabs")];

/// Parts of a tag of Ollama that state the training. A tag without them leaves open which model it is.
const TRAININGS: [&str; 5] = ["instruct", "chat", "it", "base", "text"];

/// Splits `organisation/name`. The organisation of a name alone is empty.
pub(crate) fn split(id: &str) -> (&str, &str) {
    id.rsplit_once('/').unwrap_or(("", id))
}

/// The account of an id and its name, both trimmed. The account is empty in a name alone, also in `x (w/ Reasoning)`.
pub(super) fn parts(id: &str) -> (&str, &str) {
    let (account, name) = id.split_once('/').filter(|(account, _)| !account.contains('(')).unwrap_or(("", id));
    (account.trim(), name.trim())
}

pub(super) fn account_of(id: &str) -> &str {
    parts(id).0
}

pub(super) fn reuploads(account: &str) -> bool {
    among(account, &REUPLOADERS)
}

/// Whether an account publishes copies and nothing else.
pub(super) fn only_reuploads(account: &str) -> bool {
    reuploads(account) && !among(account, &AUTHORS)
}

fn among(account: &str, accounts: &[&str]) -> bool {
    accounts.iter().any(|known| known.eq_ignore_ascii_case(account))
}

/// The account's present name in lower case, a slash and the key. It is the same for all spellings of an account's model.
pub(super) fn owned(account: &str, key: &str) -> String {
    let account = account.to_ascii_lowercase();
    let present = RENAMED.iter().find(|(earlier, _)| *earlier == account).map_or(&*account, |&(_, now)| now);
    [present, "/", key].concat()
}

/// The form in which names are compared: `Meta-Llama-3.1-8B` and `llama 3.1 8b` have the same, brackets are separators,
/// and a final `-hf` is dropped.
pub(super) fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let tagged = states_training(name);
    for letter in name.chars() {
        let separates = matches!(letter, '-' | '_' | '(' | ')') || letter.is_whitespace() || (tagged && letter == ':');
        if !separates {
            key.push(letter.to_ascii_lowercase());
        } else if !key.is_empty() && !key.ends_with('-') {
            key.push('-');
        }
    }
    key.truncate(key.trim_end_matches('-').len());
    if key.starts_with("meta-llama-") {
        key.drain(.."meta-".len());
    }
    key.truncate(key.strip_suffix("-hf").unwrap_or(&key).len());
    key
}

/// Whether a name is that of Ollama with a tag that states size and training: `qwen2:7b-instruct`.
fn states_training(name: &str) -> bool {
    let parts = name.split_once(':').map(|(_, tag)| tag.split('-').skip(1));
    parts.is_some_and(|mut parts| parts.any(|part| TRAININGS.iter().any(|word| word.eq_ignore_ascii_case(part))))
}

/// Whether a key is too short or too general to be that of a model.
pub(super) fn is_too_general(key: &str) -> bool {
    key.len() < 3 || matches!(key, "model" | "merge" | "merged")
}

/// An id without a revision of the hub: `org/name@main` is `org/name`. A number of tokens, as in `org/name@16k`, is no
/// revision but a setting.
pub(crate) fn without_revision(id: &str) -> &str {
    let Some((head, revision)) = id.split_once('@') else { return id };
    let (head, revision) = (head.trim_end(), revision.trim());
    let of_hub = (head.contains('/') && !head.ends_with('/')) || revision == "main";
    let cut = of_hub && !head.is_empty() && !revision.is_empty() && !is_amount(revision);
    if cut { head } else { id }
}

/// Whether a word is a number of tokens: `16k`.
pub(super) fn is_amount(word: &str) -> bool {
    word.strip_suffix(['k', 'K']).is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_have_one_key() {
        for (name, expected) in [
            ("Meta-Llama-3.1-8B", "llama-3.1-8b"),
            ("Llama 3.1_8B", "llama-3.1-8b"),
            ("Llama-2-7b-hf", "llama-2-7b"),
            ("Claude 3.5 Sonnet (20241022)", "claude-3.5-sonnet-20241022"),
            (" - a -- b - ", "a-b"),
            ("qwen2:7b-instruct", "qwen2-7b-instruct"),
            ("qwen2:7b", "qwen2:7b"),
            ("amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
            ("Zephyr β-7B", "zephyr-β-7b"),
            ("-hf", "hf"),
            ("", ""),
        ] {
            assert_eq!(key(name), expected, "{name}");
        }
    }

    #[test]
    fn a_revision_is_no_part_of_an_id() {
        for (id, expected) in [
            ("a/b@main", "a/b"),
            ("a/b @ v1.0 ", "a/b"),
            ("gpt2@main", "gpt2"),
            ("a/b@16k", "a/b@16k"),
            ("claude-3.7-sonnet@16k", "claude-3.7-sonnet@16k"),
            ("maj@32", "maj@32"),
            ("a/@x", "a/@x"),
            ("@main", "@main"),
            ("a/b@", "a/b@"),
        ] {
            assert_eq!(without_revision(id), expected, "{id}");
        }
    }
}
