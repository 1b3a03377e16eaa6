//! Parquet, of which only the file's mark is given.
#![no_main]

use eyas::formats::{Companions, Source, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let bytes = [b"PAR1", bytes].concat();
    let _ = import(&[Source { name: "fuzz", bytes: &bytes }], &Companions::default());
});
