//! Names of models: a line each. The first half is known, the other half is looked up.
#![no_main]

use eyas::lineage::{NameIndex, configuration_of, is_quantised, spelled_alike};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let ids: Vec<&str> = text.lines().take(64).collect();
    let (known, asked) = ids.split_at(ids.len() / 2);
    let index = NameIndex::new(known.iter().copied());
    for id in asked {
        let _ = (index.find(id), is_quantised(id), configuration_of(id));
    }
    for (a, b) in spelled_alike(&ids) {
        assert!(ids[a] != ids[b]);
    }
});
