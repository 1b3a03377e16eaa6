//! Which facts of a new model a method looks at.

use crate::methods::method::Method;
use crate::snapshot::{known_afterwards, known_facts};

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
            // Other facts of the data play no part in it.
            Self::Eyas => {
                name == "random_dropping" || (name != "active_params" && known_facts().any(|known| known == name))
            }
            Self::Size => name == "params",
            Self::ScalingLaw => matches!(name, "params" | "tokens" | "family"),
            Self::Popularity => known_afterwards(name),
            Self::Knn | Self::NcfFactors | Self::Factors => !known_afterwards(name),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_method_uses_known_facts_alone() {
        assert!(["params", "type", "upload_date", "random_dropping"].iter().all(|name| Method::Eyas.uses_fact(name)));
        assert!(["active_params", "hearts", "colour", "Params"].iter().all(|name| !Method::Eyas.uses_fact(name)));
        assert!(Method::Knn.uses_fact("colour") && !Method::Knn.uses_fact("hearts"));
    }
}
