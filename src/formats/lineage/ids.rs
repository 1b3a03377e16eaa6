//! Ids of the hub as texts write them: alone, in addresses, with revisions and tags, and as folders of the hub's cache.

use crate::lineage::{has_packing_tag, without_revision};
use std::borrow::Cow;

/// The id in a hub URL, or the text itself without quotes if it is an id; `None` for other texts. A revision is left out;
/// a tag stays if it states a quantisation, as in `org/name-GGUF:Q4_K_M`.
#[must_use]
pub fn hub_id(text: &str) -> Option<&str> {
    let text = unquoted(text);
    let path = match text.split_once("://") {
        Some(("https" | "http", url)) => Some(url.split_once('/').filter(|(host, _)| !OTHER_HOSTS.contains(host))?.1),
        Some(("hf", path)) => Some(path),
        _ => HUB_HOSTS.iter().find_map(|host| text.strip_prefix(host)?.strip_prefix('/')),
    };
    let mut id = path.map_or(Some(text), of_path)?;
    id = without_revision(id);
    let tagged = has_packing_tag(id);
    if let (Some(_), false, Some((name, _))) = (path, tagged, id.split_once(':')) {
        id = name; // hf.co/org/name:latest
    }
    let plain = |c: char| c.is_alphanumeric() || "/._-+@() ".contains(c) || (tagged && c == ':');
    let few_words = id.split_whitespace().count() <= 4 && (!id.contains('/') || !id.contains(' '));
    let shaped = id.split('/').count() <= 2 && id.split('/').all(|part| !part.trim().is_empty());
    let known = id.len() <= 200 && few_words && shaped && id.chars().all(plain) && id.contains(char::is_alphanumeric);
    (known && !is_folder(id)).then_some(id)
}

/// The hub's hosts, in addresses without `https://`.
const HUB_HOSTS: [&str; 3] = ["huggingface.co", "hf.co", "www.huggingface.co"];

/// Hosts of code, papers and other registries, whose addresses look like those of models.
const OTHER_HOSTS: [&str; 5] = ["github.com", "www.github.com", "gitlab.com", "arxiv.org", "ollama.com"];

/// The id in the path of an address; `None` for what is no model.
fn of_path(path: &str) -> Option<&str> {
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let path = path.strip_prefix("api/models/").or_else(|| path.strip_prefix("models/")).unwrap_or(path);
    if ["datasets/", "spaces/", "collections/", "papers/"].iter().any(|other| path.starts_with(other)) {
        return None;
    }
    let end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
    Some(&path[..end])
}

/// The id that a text names, as in [`hub_id`], or the one of a folder in the hub's cache on a local machine:
/// `~/.cache/huggingface/hub/models--org--name/snapshots/…`.
pub(super) fn model_id(text: &str) -> Option<Cow<'_, str>> {
    match of_cache(text) {
        Some(id) => Some(Cow::Owned(id)),
        None => hub_id(text).map(Cow::Borrowed),
    }
}

fn of_cache(path: &str) -> Option<String> {
    let name = unquoted(path).split(['/', '\\']).find_map(|part| part.strip_prefix("models--"))?;
    let id = name.replacen("--", "/", 1);
    hub_id(&id).map(str::to_owned)
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', '`']).trim()
}

/// Whether a name is a path on a local machine and so does not identify a model of the hub.
pub(super) fn is_folder(text: &str) -> bool {
    let on_hub = text.contains("://") || HUB_HOSTS.iter().any(|host| text.starts_with(host));
    is_rooted(text) || (!on_hub && text.matches('/').count() > 1)
}

/// Whether a name is such a path beyond doubt, by how it starts or by its separators.
pub(super) fn is_rooted(text: &str) -> bool {
    let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let outputs = text.split_once('/').is_some_and(|(folder, _)| OUTPUTS.contains(&folder));
    let marked = text.starts_with(['/', '.', '~', '$', '%']) || text.starts_with("file:");
    marked || drive || outputs || text.contains('\\')
}

/// Folders to which tools of merging and training write.
const OUTPUTS: [&str; 5] = ["saves", "output", "outputs", "checkpoints", "intermediates"];

/// The last part of a path: of a folder its own name, of an id the name without its organisation.
pub(super) fn last_part(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a text says that there is no model: `None`, `N/A`, `-`.
pub(super) fn is_none(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["none", "null", "nil", "n/a", "no", "off", "false", "unknown", "scratch", "from scratch", "nothing", "tbd"];
    let text = unquoted(text).trim_matches(['(', ')']);
    let mark = !text.is_empty() && text.chars().all(|c| "-–—?~".contains(c));
    mark || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_addresses_and_in_the_cache() {
        for (text, id) in [
            ("org/name", "org/name"),
            ("hf.co/org/name-GGUF:Q4_K_M", "org/name-GGUF:Q4_K_M"),
            ("hf.co/org/name:latest", "org/name"),
            ("https://huggingface.co/org/name/resolve/main/name-Q4_K_M.gguf?download=true", "org/name"),
            ("huggingface.co/org/name/blob/main/README.md", "org/name"),
            ("www.huggingface.co/org/name", "org/name"),
            ("hf://org/name", "org/name"),
            ("hf://models/org/name", "org/name"),
            ("models--org--name", "org/name"),
            ("~/.cache/huggingface/hub/models--org--name", "org/name"),
            ("/cache/huggingface/hub/models--org--a--b/snapshots/0f3c/", "org/a--b"),
            ("C:\\Users\\me\\.cache\\huggingface\\hub\\models--org--name\\blobs\\12", "org/name"),
            ("'models--gpt2/refs/main'", "gpt2"),
        ] {
            assert_eq!(model_id(text).as_deref(), Some(id), "{text}");
        }
        for text in ["~/hub/datasets--org--name/x", "https://huggingface.co/datasets/a/b"] {
            assert_eq!(model_id(text), None, "{text}");
        }
    }

    #[test]
    fn folders_of_every_system_are_known() {
        for text in [
            "D:/mine",
            "C:/models/x",
            "C:\\x",
            "d:\\",
            "./a",
            "$HOME/a",
            "%HOME%/a",
            "file:///a",
            "saves/a",
            "a/b/c",
            "~",
        ] {
            assert!(is_folder(text) && hub_id(text).is_none(), "{text}");
        }
        for text in ["org/name", "llama3:8b", "D:mine", "org/name:Q4_K_M"] {
            assert!(!is_folder(text), "{text}");
        }
        assert_eq!(["./a/First/", "C:\\a\\First", "First"].map(last_part), ["First"; 3]);
    }

    #[test]
    fn words_for_no_model_are_no_names() {
        for text in ["None", "n/a", "N/A", "-", "—", "null", "unknown", "Scratch", "(none)", "\"none\"", "~"] {
            assert!(is_none(text), "{text}");
        }
        for text in ["", "org/none", "none-7b", "a-b", "on"] {
            assert!(!is_none(text), "{text}");
        }
    }
}
