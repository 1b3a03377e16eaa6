//! Files are read with limits and written with a net.

use super::{Desk, bundled};

const TABLE: &str = "model,x,y\na,10,20\nb,30,40\nc,50,60\n";

/// What stands in a test's folder, sorted.
fn names(desk: &Desk) -> Vec<String> {
    let entries = std::fs::read_dir(desk.folder.path()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_output_is_never_an_input() {
    let desk = Desk::new();
    desk.write("s.csv", TABLE);
    desk.write("e.csv", "parent,child\na,b\n");
    std::fs::hard_link(desk.path("s.csv"), desk.path("same.csv")).unwrap();
    let backtest = ["backtest", "s.csv", "--method", "mean", "--split", "file:e.csv", "--predictions"];
    let commands: [&[&str]; 7] = [
        &["import", "s.csv", "-o", "s.csv"],
        &["import", "s.csv", "-o", "./s.csv"],
        &["import", "s.csv", "-o", "same.csv"],
        &["import", "s.csv", "--lineage", "e.csv", "-o", "e.csv"],
        &["train", "s.csv", "--method", "mean", "-o", "s.csv"],
        &[&backtest[..], &["s.csv"]].concat(),
        &[&backtest[..], &["e.csv"]].concat(),
    ];
    for arguments in commands {
        let line = desk.run(arguments).failed(2);
        assert!(line.starts_with("the output is the input"), "{arguments:?}: {line}");
        assert_eq!(desk.read("s.csv"), TABLE);
    }
}

#[test]
fn an_output_without_a_place_is_told_before_the_work() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("folder")).unwrap();
    // The tables are no tables: whoever reads them first says so.
    desk.write("s.csv", "no table");
    for (output, expected) in [("no/such/x", "there is no folder no/such"), ("folder", "folder is a folder")] {
        let commands: [&[&str]; 3] = [
            &["import", "s.csv", "-o", output],
            &["train", "s.csv", "-o", output],
            &["backtest", "s.csv", "--method", "mean", "--split", "models:1", "--predictions", output],
        ];
        for arguments in commands {
            let line = desk.run(arguments).failed(2);
            assert!(line.contains(expected), "{arguments:?}: {line}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_write_leaves_what_was_there() {
    let desk = Desk::new();
    desk.write("s.csv", TABLE);
    desk.write("m.eyas", "an earlier model");
    // No file may grow over 4 blocks of 512 bytes; the snapshot alone is larger.
    let limited = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
    let eyas = env!("CARGO_BIN_EXE_eyas");
    let ran = std::process::Command::new("sh")
        .args(["-c", limited, eyas, "train", &bundled(), "--method", "mean", "-o", "m.eyas"])
        .current_dir(desk.folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{told}");
    assert!(told.starts_with("error: could not write m.eyas: "), "{told}");
    assert_eq!(desk.read("m.eyas"), "an earlier model");
    let full: [&[&str]; 3] = [
        &["import", "s.csv", "-o", "/dev/full"],
        &["train", "s.csv", "--method", "mean", "-o", "/dev/full"],
        &["backtest", "s.csv", "--method", "mean", "--split", "models:1", "--predictions", "/dev/full"],
    ];
    for arguments in full {
        let line = desk.run(arguments).failed(1);
        assert!(line.starts_with("could not write /dev/full: "), "{line}");
    }
    assert_eq!(names(&desk), ["m.eyas", "s.csv"]);
    desk.run(&["train", "s.csv", "--method", "mean", "-o", "/dev/null"]).fine();
    let shown = desk.run(&["import", "s.csv", "-o", "/dev/stdout"]).fine();
    assert!(shown.contains("\"format\":\"eyas-snapshot/1\""), "{shown}");
}

#[cfg(target_os = "linux")]
#[test]
fn inputs_without_end_are_left() {
    let desk = Desk::new().with_memory(3000);
    desk.write("t.csv", TABLE);
    desk.run(&["train", "t.csv", "--method", "mean", "-o", "m.eyas"]).fine();
    let text = desk.run(&["predict", "--model", "m.eyas", "--lineage", "/dev/zero"]).failed(2);
    assert_eq!(
        text,
        "zero: the text is longer than 1 MiB; paste a model card, a mergekit configuration, the hub's JSON of a model, an adapter_config.json, GGUF metadata as JSON, or a list of parents"
    );
    let scores = desk.run(&["predict", "--model", "m.eyas", "--scores", "@/dev/zero"]).failed(2);
    assert_eq!(scores, "zero: the text is longer than 1 MiB");
    let commands: [&[&str]; 4] = [
        &["info", "/dev/zero"],
        &["rank", "--model", "/dev/zero", "--task", "x"],
        &["import", "t.csv", "--model-factors", "/dev/zero", "-o", "o.json"],
        &["backtest", "t.csv", "--method", "mean", "--split", "file:/dev/zero"],
    ];
    for arguments in commands {
        assert_eq!(desk.run(arguments).failed(2), "/dev/zero: neither text nor a known kind of file", "{arguments:?}");
    }
}

#[test]
fn ids_that_are_no_names_are_told_with_their_place() {
    let desk = Desk::new();
    let long = format!("a/{}", "x".repeat(70_000));
    let told = "the id \"a/xxxxxxxxxxxxxxxxxx…\" has 70002 characters; at most 200 are read";
    let refused = |name: &str, text: String, place: &str| {
        desk.write(name, text);
        assert_eq!(desk.run(&["info", name]).failed(2), format!("{name}{place}: {told}"));
    };
    refused("w.csv", format!("model,mmlu,gsm8k\nb/b,40,50\n{long},50,60\n"), " line 3, column \"model\"");
    refused("l.csv", format!("task,model,value\nmmlu,{long},50\n"), " line 2, column \"model\"");
    refused("i.csv", format!("model,a,b\n{long},0,1\n"), " line 2, column \"model\"");
    let bundled = std::fs::read_to_string(bundled()).unwrap();
    refused("s.json", bundled.replacen("01-ai/Yi-1.5-34B", &long, 1), ": models[0].id");
    desk.write("t.csv", TABLE);
    desk.write("e.csv", format!("parent,child\nb,a\n{long},a\n"));
    let line = desk.run(&["import", "t.csv", "--lineage", "e.csv", "-o", "o.json"]).failed(2);
    assert_eq!(line, format!("e.csv line 3, column \"parent\": {told}"));
    // The names of tasks have no such limit, and a table of them is printed all the same.
    desk.write("t.csv", format!("model,{},y\na,10,20\nb,30,40\n", "x".repeat(70_000)));
    desk.run(&["rank", "--snapshot", "t.csv", "--method", "mean", "--task", "y"]).fine();
    desk.run(&["predict", "--snapshot", "t.csv", "--method", "mean", "--facts", "params=7"]);
}

#[test]
fn tables_in_parquet_and_workbooks_are_read() {
    let desk = Desk::new();
    for name in ["zstd.parquet", "brotli.parquet", "lz4.parquet", "gzip.parquet", "workbook.xlsx"] {
        let path = format!("{}/tests/fixtures/results/{name}", env!("CARGO_MANIFEST_DIR"));
        let shown = desk.run(&["info", &path]).fine();
        assert!(shown.starts_with("3 models × 2 tasks (6 cells"), "{name}: {shown}");
    }
    desk.write("a.zip", b"PK\x03\x04and so on");
    let line = desk.run(&["info", "a.zip"]).failed(2);
    assert!(line.starts_with("a.zip: the file is packed (zip) and no Excel workbook"), "{line}");
    desk.write("t.csv", TABLE);
    desk.run(&["train", "t.csv", "--method", "mean", "-o", "m.eyas"]).fine();
    let line = desk.run(&["info", "m.eyas"]).failed(2);
    assert!(line.starts_with("m.eyas: a saved model, not results; give it as --model"), "{line}");
}
