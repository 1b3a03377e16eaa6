//! Whatever is pasted: cards, mergekit configurations, the hub's JSON, adapters, GGUF metadata, lists.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(parsed) = eyas::formats::parse_lineage("fuzz", text) {
        assert!(parsed.parents.iter().all(|parent| parent.weight > 0.0 && parent.weight.is_finite()));
    }
});
