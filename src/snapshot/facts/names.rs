//! The names of the known facts, and their aliases.

use super::amounts::unit_in_billions;

/// The kind of the values of a known fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// An amount in billions, above 0.
    Amount,
    /// Yes or no.
    Flag,
    /// A date.
    Day,
    /// A word.
    Word,
}

/// A known fact. Its aliases contain only lower-case letters and digits.
struct Known {
    name: &'static str,
    kind: FactKind,
    /// Names of this amount in data; a unit may follow them. Empty for other kinds of facts.
    in_data: &'static [&'static str],
    /// Names that are not accepted in requests, but for which the error suggests this fact.
    meant: &'static [&'static str],
}

const fn known(name: &'static str, kind: FactKind, meant: &'static [&'static str]) -> Known {
    Known { name, kind, in_data: &[], meant }
}

const fn amount(name: &'static str, in_data: &'static [&'static str], meant: &'static [&'static str]) -> Known {
    Known { name, kind: FactKind::Amount, in_data, meant }
}

/// The known facts, except `name` and `date`.
const KNOWN: [Known; 13] = [
    amount(
        "params",
        &[
            "params",
            "param",
            "parameters",
            "parametersize",
            "parametercount",
            "paramcount",
            "nparams",
            "nparameters",
            "numparams",
            "numparameters",
            "numberofparameters",
            "numberofparams",
            "totalparams",
            "totalparameters",
            "modelsize",
            "modelparameters",
            "size",
        ],
        &[
            "size",
            "param",
            "parm",
            "parms",
            "parameter",
            "parameters",
            "modelsize",
            "nparams",
            "numparams",
            "paramcount",
            "parametercount",
            "parametersize",
        ],
    ),
    amount(
        "tokens",
        &["tokens", "pretrainingtokens", "trainingtokens", "pretrainingdatasetsize"],
        &["token", "trainingtokens", "pretrainingtokens", "numtokens", "ntokens"],
    ),
    amount(
        "active_params",
        &[
            "activeparams",
            "activeparameters",
            "activatedparams",
            "activatedparameters",
            "actparam",
            "actparams",
            "activesize",
        ],
        &["active", "activeparameters", "activatedparams", "activesize"],
    ),
    known("type", FactKind::Word, &["types", "kind", "modeltype"]),
    known("instruct", FactKind::Flag, &["isinstruct", "instructed", "instruction"]),
    known("family", FactKind::Word, &["families", "modelfamily"]),
    known("architecture", FactKind::Word, &["arch", "architectures"]),
    known("precision", FactKind::Word, &["dtype", "torchdtype"]),
    known("weight_type", FactKind::Word, &["weights", "weightstype"]),
    known("chat_template", FactKind::Flag, &["template", "haschattemplate"]),
    known("merged", FactKind::Flag, &["ismerged", "ismerge"]),
    known("moe", FactKind::Flag, &["ismoe"]),
    known("upload_date", FactKind::Day, &["uploaded"]),
];

/// Factors that measure a model's popularity, which depends on its evaluation.
pub(super) const POPULARITY: [&str; 3] = ["hearts", "likes", "downloads"];

/// The names of the known facts, for messages and help.
pub fn known_facts() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// The names and kinds of the known facts.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, FactKind)> {
    KNOWN.iter().map(|known| (known.name, known.kind))
}

/// A known fact by its name, in any case and with any separators (`Chat-Template`).
#[must_use]
pub fn known_fact(name: &str) -> Option<(&'static str, FactKind)> {
    let plain = plain(name);
    kinds().find(|(known, _)| same(known, &plain))
}

/// The fact to suggest for a name that is not accepted: `params` for `size`. `None` for other names.
#[must_use]
pub fn meant_fact(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    let is = |meant: &[&str]| meant.contains(&plain.as_str());
    if is(&["day", "release", "released", "releasedate", "created", "createdat"]) {
        return Some("date");
    }
    if is(&["id", "model", "modelid", "modelname"]) {
        return Some("name");
    }
    KNOWN.iter().find(|known| is(known.meant)).map(|known| known.name)
}

/// The amount that a name in data means, and the unit in billions that the name states: `Parameter Size(M)` is `params`
/// in units of 0.001. The outer option is `None` if the name is not that of an amount, the inner one if it states no
/// unit.
#[must_use]
pub(crate) fn named_amount(name: &str) -> Option<(&'static str, Option<f64>)> {
    let find = |plain: &str| KNOWN.iter().find(|known| known.in_data.contains(&plain)).map(|known| known.name);
    if let Some(fact) = find(&plain(name)) {
        return Some((fact, None));
    }
    let name = name.trim_end().trim_end_matches(')');
    let (stem, unit) = name.rsplit_once(['(', '_', ' '])?;
    let unit = unit_in_billions(unit.trim())?;
    Some((find(&plain(stem))?, Some(unit)))
}

/// The known fact that the name of a column of data means, in one of its spellings: `params` for `#Params (B)`, `family`
/// for `Model Family`.
#[must_use]
pub fn data_fact(name: &str) -> Option<(&'static str, FactKind)> {
    if let Some((amount, _)) = named_amount(name) {
        return Some((amount, FactKind::Amount));
    }
    let meant = || meant_fact(name).and_then(|meant| kinds().find(|(known, _)| *known == meant));
    known_fact(name).or_else(meant).filter(|(_, kind)| *kind != FactKind::Amount || named_amount(name).is_some())
}

/// Whether a factor is known only after an evaluation, so that a forecast must not use it.
#[must_use]
pub fn known_afterwards(name: &str) -> bool {
    POPULARITY.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A name reduced to its ASCII letters, in lower case, and digits.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a known name without its underscores equals this plain name.
pub(super) fn same(known: &str, plain: &str) -> bool {
    known.bytes().filter(|&byte| byte != b'_').eq(plain.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_has_one_name_and_is_suggested_for_others() {
        assert_eq!(known_fact("Chat-Template"), Some(("chat_template", FactKind::Flag)));
        assert_eq!(known_fact("ACTIVE params"), Some(("active_params", FactKind::Amount)));
        assert_eq!(known_fact("size"), None);
        let meant = ["Model Size", "arch", "released", "model_id", "colour"].map(meant_fact);
        assert_eq!(meant, [Some("params"), Some("architecture"), Some("date"), Some("name"), None]);
    }

    #[test]
    fn the_name_of_an_amount_may_state_a_unit() {
        assert_eq!(named_amount("Parameters"), Some(("params", None)));
        assert_eq!(named_amount("Parameter Size(M)"), Some(("params", Some(1e-3))));
        assert_eq!(named_amount("tokens_t"), Some(("tokens", Some(1e3))));
        assert_eq!(named_amount("active_params_b"), Some(("active_params", Some(1.0))));
        assert_eq!(["params rank", "tokens_x", "moe", "_b"].map(named_amount), [None; 4]);
    }

    #[test]
    fn hearts_are_known_afterwards() {
        assert!(known_afterwards("Hearts") && !known_afterwards("params"));
    }
}
