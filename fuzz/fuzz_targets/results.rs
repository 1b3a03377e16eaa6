//! Files of results: every CSV, JSON and gzip form, and the tables that stand beside them.
#![no_main]

use eyas::formats::{Companions, Source, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = Source { name: "fuzz", bytes, optional: false };
    let _ = import(&[file], &Companions::default());
    let names = ["acme__bird/.eval_results/a.yaml", "acme__bird/stats.json", "acme__bird/samples_a.jsonl"];
    let _ = import(&names.map(|name| Source { name, bytes, optional: true }), &Companions::default());
    let table = Source { name: "table", bytes: b"model,task\na,0.5\nb,0.25\n", optional: false };
    for beside in [
        Companions { lineage: Some(file), ..Companions::default() },
        Companions { model_factors: Some(file), ..Companions::default() },
        Companions { task_factors: Some(file), ..Companions::default() },
    ] {
        let _ = import(&[table], &beside);
    }
    let _ = eyas::backtest::parse_file("fuzz", bytes);
});
