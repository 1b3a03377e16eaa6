//! Snapshots, as JSON of both versions and in the compact form: what is read is written and read again unchanged.
#![no_main]

use eyas::snapshot::{read_compact, read_json, write_compact, write_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let compact = read_compact(bytes);
    let json = read_json(bytes).ok().map(|(snapshot, _)| snapshot);
    for snapshot in compact.into_iter().chain(json) {
        let packed = write_compact(&snapshot);
        let again = read_compact(&packed).expect("a written snapshot is read");
        assert!(write_compact(&again) == packed);
        if let Ok(text) = write_json(&snapshot) {
            let (back, _) = read_json(&text).expect("written JSON is read");
            assert!(write_json(&back).expect("it is written again") == text);
        }
    }
});
