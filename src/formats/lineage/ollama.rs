//! Modelfiles of Ollama, and what `ollama show` prints.

use super::ids::is_folder;
use super::{ParsedLineage, hub_id, shorten};
use crate::error::{Place, Warning};
use crate::lineage::{Parent, Relation};
use crate::snapshot::{Factor, parse_amount};

/// The instructions of a Modelfile.
const INSTRUCTIONS: [&str; 8] =
    ["from", "parameter", "template", "system", "adapter", "license", "message", "requires"];

/// Reads a Modelfile or the output of `ollama show`; `None` for other texts.
pub(super) fn read(text: &str) -> Option<ParsedLineage> {
    if is_modelfile(text) { Some(modelfile(text)) } else { shown(text) }
}

/// The first word of a line and the rest.
fn instruction(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = line.trim().split_once([' ', '\t'])?;
    Some((word, rest.trim()))
}

/// Whether the first line is an instruction, and a line names one model.
fn is_modelfile(text: &str) -> bool {
    let is = |word: &str, known: &str| word.eq_ignore_ascii_case(known);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().and_then(instruction);
    first.is_some_and(|(word, _)| INSTRUCTIONS.iter().any(|known| is(word, known))) && !froms(text).is_empty()
}

/// The arguments of `FROM`, with their lines; texts in `"""` are skipped.
fn froms(text: &str) -> Vec<(&str, u64)> {
    arguments(text, "from")
}

fn arguments<'t>(text: &'t str, wanted: &str) -> Vec<(&'t str, u64)> {
    let (mut found, mut quoted) = (Vec::new(), false);
    for (line, number) in text.lines().zip(1u64..) {
        let argument =
            instruction(line).filter(|(word, rest)| word.eq_ignore_ascii_case(wanted) && !rest.contains(' '));
        if let (false, Some((_, argument))) = (quoted, argument) {
            found.push((argument.trim_matches(['"', '\'']), number));
        }
        quoted ^= line.matches("\"\"\"").count() % 2 == 1;
    }
    found
}

fn modelfile(text: &str) -> ParsedLineage {
    let mut parsed = ParsedLineage { kind: "Modelfile", ..ParsedLineage::default() };
    let adapters = arguments(text, "adapter");
    let relation = if adapters.is_empty() { Relation::Unstated } else { Relation::Adapter };
    // `ollama show --modelfile` writes the model in a comment above the file that it is in.
    let commented =
        || text.lines().filter_map(|line| instruction(line.trim_start().strip_prefix('#')?)).collect::<Vec<_>>();
    for (base, line) in froms(text) {
        let place = Place::default().line(line);
        if add(&mut parsed, base, relation, &place) {
            continue;
        }
        let named =
            commented().into_iter().find(|(word, name)| word.eq_ignore_ascii_case("from") && of_ollama(name).is_some());
        match named.and_then(|(_, name)| of_ollama(name)) {
            Some(id) => parsed.parents.push(Parent::new(id, relation)),
            None => parsed.warnings.push(left_out(base, &place)),
        }
    }
    for (adapter, line) in adapters {
        let place = Place::default().line(line);
        if !add(&mut parsed, adapter, Relation::Adapter, &place) {
            parsed.warnings.push(left_out(adapter, &place));
        }
    }
    parsed.warn_without_parent("the Modelfile names no model of the hub or of Ollama");
    parsed
}

/// Adds the model of the hub or of Ollama that an instruction names; returns whether it names one.
fn add(parsed: &mut ParsedLineage, name: &str, relation: Relation, place: &Place) -> bool {
    if name.ends_with(".gguf") && is_folder(name) && !name.contains("models--") {
        return false;
    }
    let before = parsed.parents.len();
    if super::model_id(name).is_some() {
        return parsed.add_named(name, relation, place) && parsed.parents.len() > before;
    }
    let id = of_ollama(name);
    parsed.parents.extend(id.map(|id| Parent::new(id, relation)));
    id.is_some()
}

fn left_out(name: &str, place: &Place) -> Warning {
    Warning::new(format!("\"{}\" is a file or folder and was left out", shorten(name))).at(place.clone())
}

/// The id of a model of Ollama: `llama3:8b`, `user/name`. The tag `latest` and the registry are left out.
fn of_ollama(name: &str) -> Option<&str> {
    let registries = ["registry.ollama.ai/", "https://ollama.com/", "ollama.com/"];
    let path = registries.iter().find_map(|registry| name.strip_prefix(registry)).unwrap_or(name);
    let path = path.strip_prefix("library/").unwrap_or(path);
    if let Some(id) = hub_id(path) {
        return Some(id);
    }
    let (model, tag) = path.split_once(':')?;
    let tagged = !tag.is_empty() && tag.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    let id = hub_id(model).filter(|_| tagged)?;
    Some(if tag.eq_ignore_ascii_case("latest") { id } else { path })
}

/// What `ollama show` prints: blocks with a heading and indented rows. The command itself names the model.
fn shown(text: &str) -> Option<ParsedLineage> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != "Model").skip(1);
    let first = lines.next()?;
    let row = |line: &str, key: &str| {
        let rest = line.strip_prefix(key)?;
        rest.starts_with([' ', '\t']).then(|| rest.trim().to_owned())
    };
    row(first, "architecture").or_else(|| row(first, "arch"))?;
    let mut parsed = ParsedLineage { kind: "ollama show", ..ParsedLineage::default() };
    let block: Vec<&str> = std::iter::once(first).chain(lines.take_while(|line| !line.is_empty())).collect();
    let params = block.iter().find_map(|line| parse_amount(&row(line, "parameters")?));
    parsed.factors.extend(params.map(|params| ("params".to_owned(), Factor::Number(params))));
    let command = text.lines().zip(1u64..).find_map(|(line, number)| {
        let (_, rest) = line.split_once("ollama show ")?;
        let name = rest.split_whitespace().find(|word| !word.starts_with('-'))?;
        Some((name, number))
    });
    if let Some((name, line)) = command {
        add(&mut parsed, name, Relation::Unstated, &Place::default().line(line));
    }
    parsed.warn_without_parent("ollama show prints facts but names no parent (paste the command with its output)");
    Some(parsed)
}
