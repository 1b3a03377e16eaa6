//! Facts that several boards state about a model in the same way: other names, and the address of its page.

use crate::formats::collection::Collection;
use crate::formats::markup::named;

/// Adds another name of a model.
pub(super) fn add_name(to: &mut Collection<'_>, model: u32, name: &str) {
    let (about, name) = (to.about(model), name.trim());
    if !name.is_empty() && about.id != name && !about.names.iter().any(|known| known == name) {
        about.names.push(name.to_owned());
    }
}

/// Sets the address of a model's page. On the hub the address holds the id of the model, which is another name of it.
pub(super) fn add_page(to: &mut Collection<'_>, model: u32, address: Option<&str>) {
    let Some(address) = address.map(str::trim).filter(|address| address.starts_with("http")) else { return };
    to.about(model).url.get_or_insert_with(|| address.to_owned());
    let id = named(address).name;
    if id != address {
        add_name(to, model, &id);
    }
}

/// The id of a model in a file's name that writes `org--name` for `org/name`.
pub(super) fn id_of(name: &str) -> String {
    name.replacen("--", "/", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_hub_name_a_model() {
        let mut to = Collection::new("x");
        let model = to.model("Bird");
        add_page(&mut to, model, Some("https://acme.org/blog/bird"));
        add_page(&mut to, model, Some("https://huggingface.co/acme/bird-7b/"));
        add_page(&mut to, model, Some("NONE"));
        add_name(&mut to, model, "Bird");
        let about = to.about(model);
        assert_eq!(about.url.as_deref(), Some("https://acme.org/blog/bird"));
        assert_eq!(about.names, ["acme/bird-7b"]);
        assert_eq!([id_of("acme--bird--7b"), id_of("bird")], ["acme/bird--7b", "bird"]);
    }
}
