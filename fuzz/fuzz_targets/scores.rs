//! Known scores and facts.
#![no_main]

use eyas::formats::{GivenScores, parse_facts, read_scores};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = parse_facts(text);
    match read_scores("fuzz", text) {
        Ok(GivenScores::Typed(scores) | GivenScores::Listed(scores, _)) => {
            assert!(scores.iter().all(|known| known.value.is_finite()));
        }
        Err(_) => {}
    }
});
