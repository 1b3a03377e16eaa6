//! Zip files and workbooks, of which only the file's mark is given.
#![no_main]

use eyas::formats::{Companions, Source, import};
use libfuzzer_sys::fuzz_target;
use std::sync::Once;

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // The importer catches panics of the crate that reads workbooks; one that is not caught still ends the run.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let Some((kind, rest)) = bytes.split_first() else { return };
    let mark: &[u8] = if kind & 1 == 0 { b"PK\x03\x04" } else { b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" };
    let bytes = [mark, rest].concat();
    let _ = import(&[Source { name: "fuzz", bytes: &bytes, optional: false }], &Companions::default());
});
