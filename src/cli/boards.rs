//! `boards`: the list of public boards in `data/boards.json`, which the page shows too. Listing them fetches nothing.

use super::arguments::Boards;
use super::table::listing;
use super::{print, print_json};
use eyas::error::{Error, Result};
use eyas::snapshot::Date;
use serde::{Deserialize, Serialize};

/// What stands before the id of a board among the inputs of `import`.
pub(crate) const PREFIX: &str = "board:";

/// A board whose results are public files.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Board {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The addresses of its files, which make one snapshot together.
    pub(crate) urls: Vec<String>,
    /// The form of the files in words.
    pub(crate) form: String,
    /// The licence that the place of the files states, or `not stated`.
    pub(crate) license: String,
    /// The day of publication; null if the files change at the same address.
    pub(crate) date: Option<Date>,
    /// The approximate size in bytes.
    pub(crate) bytes: Option<u64>,
    /// Whether the server lets other sites read the files, so that the page can fetch them.
    pub(crate) cors: bool,
    /// The day on which the addresses were last seen to work; null if nobody has checked them.
    pub(crate) seen: Option<Date>,
    pub(crate) note: String,
}

/// All boards.
pub(crate) fn all() -> Result<Vec<Board>> {
    serde_json::from_str(include_str!("../../data/boards.json"))
        .map_err(|error| Error::computation(format!("the list of boards can't be read: {error}")))
}

/// The board of this id; upper and lower case are the same.
pub(crate) fn find(id: &str) -> Result<Board> {
    let mut boards = all()?;
    match boards.iter().position(|board| board.id.eq_ignore_ascii_case(id)) {
        Some(at) => Ok(boards.swap_remove(at)),
        None => Err(Error::input(format!("there is no board {id:?}; see eyas boards"))),
    }
}

/// The board that has a file at this address.
pub(crate) fn at(url: &str) -> Result<Option<Board>> {
    Ok(all()?.into_iter().find(|board| board.urls.iter().any(|known| known == url)))
}

pub(crate) fn boards(arguments: &Boards) -> Result<()> {
    let boards = all()?;
    if arguments.json {
        return print_json(&boards);
    }
    let row = |board: &Board| {
        let seen = board.seen.map_or("unverified".to_owned(), |date| date.to_string());
        vec![
            board.id.clone(),
            board.name.clone(),
            board.form.clone(),
            board.license.clone(),
            seen,
            board.urls.join(" "),
        ]
    };
    let rows: Vec<_> = boards.iter().map(row).collect();
    let table = listing(&["id", "name", "form", "licence", "last seen working", "address"], &rows);
    print(&format!("{table}\nfetch one with: eyas import {PREFIX}ID -o OUT.json\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Servers that let other sites read their files.
    const OPEN: [&str; 4] =
        ["raw.githubusercontent.com", "bigcode-bench.github.io", "huggingface.co", "storage.googleapis.com"];

    #[test]
    fn the_list_is_well_formed() {
        let boards = all().unwrap();
        assert!(boards.len() >= 10);
        let ids: BTreeSet<_> = boards.iter().map(|board| board.id.as_str()).collect();
        let urls: BTreeSet<_> = boards.iter().flat_map(|board| &board.urls).collect();
        assert_eq!(ids.len(), boards.len(), "ids are unique");
        assert_eq!(urls.len(), boards.iter().map(|board| board.urls.len()).sum::<usize>(), "addresses are unique");
        for board in &boards {
            let Board { id, name, form, license, note, urls, .. } = board;
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{id}");
            assert!([name, form, license, note].iter().all(|text| !text.trim().is_empty()), "{id}");
            assert!(!urls.is_empty(), "{id}");
            for url in urls {
                let host = url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap();
                assert!(!board.cors || OPEN.contains(&host), "{id}: {host}");
                assert_eq!(super::super::fetch::raw(url), *url, "{id}: the address of the file itself");
                assert_eq!(at(url).unwrap().unwrap().id, *id);
            }
            assert!(board.bytes.is_none_or(|bytes| bytes > 1000), "{id}");
        }
    }

    #[test]
    fn a_board_is_found_by_its_id() {
        assert_eq!(find("EvalPlus").unwrap().name, "EvalPlus");
        assert_eq!(find("nobody").unwrap_err().to_string(), "there is no board \"nobody\"; see eyas boards");
    }
}
