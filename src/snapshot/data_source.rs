//! Where results come from.

use super::Date;
use serde::{Deserialize, Serialize};

/// A source of results: a board, a paper, a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    /// The id by which scores name it, unique in a snapshot.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The licence of its results; `not stated` if it states none.
    pub license: String,
    /// The day on which it was read or published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Who measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<MeasuredBy>,
}

/// The relation between the measurer and the maker of the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasuredBy {
    /// The makers measured their own models.
    FirstParty,
    /// Others measured.
    ThirdParty,
    /// Makers and others measured together.
    Collaborative,
    /// Another relation.
    Other,
}

impl MeasuredBy {
    /// All relations, in the order of their numbers.
    pub(crate) const ALL: [Self; 4] = [Self::FirstParty, Self::ThirdParty, Self::Collaborative, Self::Other];
}

impl DataSource {
    /// What is said where a source states no licence.
    pub const NOT_STATED: &str = "not stated";

    /// A source with a name, which is its id too, and a licence.
    #[must_use]
    pub fn new(name: impl Into<String>, license: impl Into<String>) -> Self {
        let name = name.into();
        Self { id: name.clone(), name, url: None, license: license.into(), date: None, by: None }
    }
}
