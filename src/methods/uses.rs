//! Which facts of a new model a method looks at.

use crate::methods::factors::named;
use crate::methods::method::Method;

/// Facts that the default method knows by name; other facts of the data play no part in it.
const KNOWN: [&str; 13] = [
    "params",
    "tokens",
    "architecture",
    "family",
    "upload_date",
    "chat_template",
    "merged",
    "moe",
    "type",
    "instruct",
    "precision",
    "weight_type",
    "random_dropping",
];

impl Method {
    /// Whether forecasts of new models depend on any of their facts.
    #[must_use]
    pub fn uses_facts(self) -> bool {
        use Method::{Irt, Kin, Lrmf, Mean, Mf, Mla, Ncf, Parents};
        !matches!(self, Mean | Parents | Kin | Mla | Lrmf | Mf | Irt | Ncf)
    }

    /// Whether they depend on their dates.
    #[must_use]
    pub fn uses_dates(self) -> bool {
        self == Self::Eyas
    }

    /// Whether they depend on a fact of this name; `params`, `tokens` and `family` stand for all their spellings.
    #[must_use]
    pub fn uses_fact(self, name: &str) -> bool {
        match self {
            Self::Eyas => KNOWN.contains(&name),
            Self::Size => name == "params",
            Self::ScalingLaw => matches!(name, "params" | "tokens" | "family"),
            Self::Popularity => named::known_afterwards(name),
            Self::Knn | Self::NcfFactors | Self::Factors => !named::known_afterwards(name),
            _ => false,
        }
    }
}
