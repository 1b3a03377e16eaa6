//! Parquet, of which only the file's mark is given.
#![no_main]

use eyas::formats::{Companions, Source, import};
use libfuzzer_sys::fuzz_target;
use std::sync::Once;

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // The importer catches panics of the crate `parquet`; the fuzzer's own hook would end at them. One that is not caught
    // still does.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let bytes = [b"PAR1", bytes].concat();
    let _ = import(&[Source { name: "fuzz", bytes: &bytes, optional: false }], &Companions::default());
});
