//! Files are read with limits, and a failed write leaves the old file.

use super::{TestDir, bundled};

const TABLE: &str = "model,x,y\na,10,20\nb,30,40\nc,50,60\n";

/// The names of the files in a test's folder, sorted.
fn names(dir: &TestDir) -> Vec<String> {
    let entries = std::fs::read_dir(dir.folder.path()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_dash_is_the_standard_input() {
    let dir = TestDir::new();
    let text = dir.run_with(&["import", "-", "-o", "s.json"], TABLE.as_bytes()).fine();
    assert!(text.contains("source: -"), "{text}");
    let error = dir.run_with(&["import", "-", "-o", "t.json"], b"").failed(2);
    assert_eq!(error, "-: the file is empty");
}

#[test]
fn the_output_is_never_an_input() {
    let dir = TestDir::new();
    dir.write("s.csv", TABLE);
    dir.write("e.csv", "parent,child\na,b\n");
    std::fs::hard_link(dir.path("s.csv"), dir.path("same.csv")).unwrap();
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
        let line = dir.run(arguments).failed(2);
        assert!(line.starts_with("the output is the input"), "{arguments:?}: {line}");
        assert_eq!(dir.read("s.csv"), TABLE);
    }
}

#[test]
fn an_impossible_output_is_refused_before_the_work() {
    let dir = TestDir::new();
    std::fs::create_dir(dir.path("folder")).unwrap();
    // The tables are invalid, so a command that reads them first fails differently.
    dir.write("s.csv", "no table");
    for (output, expected) in
        [("no/such/x", "there is no folder no/such"), ("folder", "folder is a folder"), ("-", "can't write to -")]
    {
        let commands: [&[&str]; 3] = [
            &["import", "s.csv", "-o", output],
            &["train", "s.csv", "-o", output],
            &["backtest", "s.csv", "--method", "mean", "--split", "models:1", "--predictions", output],
        ];
        for arguments in commands {
            let line = dir.run(arguments).failed(2);
            assert!(line.contains(expected), "{arguments:?}: {line}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_write_leaves_the_old_file() {
    let dir = TestDir::new();
    dir.write("s.csv", TABLE);
    dir.write("m.eyas", "an earlier model");
    // The file size limit is 4 blocks of 512 bytes; the snapshot alone is larger.
    let limited = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
    let eyas = env!("CARGO_BIN_EXE_eyas");
    let ran = std::process::Command::new("sh")
        .args(["-c", limited, eyas, "train", &bundled(), "--method", "mean", "-o", "m.eyas"])
        .current_dir(dir.folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: could not write m.eyas: "), "{stderr}");
    assert_eq!(dir.read("m.eyas"), "an earlier model");
    let full: [&[&str]; 3] = [
        &["import", "s.csv", "-o", "/dev/full"],
        &["train", "s.csv", "--method", "mean", "-o", "/dev/full"],
        &["backtest", "s.csv", "--method", "mean", "--split", "models:1", "--predictions", "/dev/full"],
    ];
    for arguments in full {
        let line = dir.run(arguments).failed(1);
        assert!(line.starts_with("could not write /dev/full: "), "{line}");
    }
    assert_eq!(names(&dir), ["m.eyas", "s.csv"]);
    dir.run(&["train", "s.csv", "--method", "mean", "-o", "/dev/null"]).fine();
    let shown = dir.run(&["import", "s.csv", "-o", "/dev/stdout"]).fine();
    assert!(shown.contains("\"format\":\"eyas-snapshot/2\""), "{shown}");
}

#[cfg(target_os = "linux")]
#[test]
fn endless_inputs_are_refused() {
    let dir = TestDir::new().with_memory(3000);
    dir.write("t.csv", TABLE);
    dir.run(&["train", "t.csv", "--method", "mean", "-o", "m.eyas"]).fine();
    let text = dir.run(&["predict", "--model", "m.eyas", "--lineage", "/dev/zero"]).failed(2);
    assert_eq!(
        text,
        "zero: the text is longer than 1 MiB; paste a model card, a mergekit or training configuration, the hub's JSON of a model, an adapter_config.json, GGUF metadata, a Modelfile, or a list of parents"
    );
    let scores = dir.run(&["predict", "--model", "m.eyas", "--scores", "@/dev/zero"]).failed(2);
    assert_eq!(scores, "zero: the text is longer than 1 MiB");
    let commands: [&[&str]; 4] = [
        &["info", "/dev/zero"],
        &["rank", "--model", "/dev/zero", "--task", "x"],
        &["import", "t.csv", "--model-factors", "/dev/zero", "-o", "o.json"],
        &["backtest", "t.csv", "--method", "mean", "--split", "file:/dev/zero"],
    ];
    for arguments in commands {
        assert_eq!(dir.run(arguments).failed(2), "/dev/zero: neither text nor a known kind of file", "{arguments:?}");
    }
}

#[test]
fn overlong_ids_are_refused_with_their_place() {
    let dir = TestDir::new();
    let long = format!("a/{}", "x".repeat(70_000));
    let error = "the id \"a/xxxxxxxxxxxxxxxxxx…\" has 70002 characters; at most 200 are read";
    let refused = |name: &str, text: String, place: &str| {
        dir.write(name, text);
        assert_eq!(dir.run(&["info", name]).failed(2), format!("{name}{place}: {error}"));
    };
    refused("w.csv", format!("model,mmlu,gsm8k\nb/b,40,50\n{long},50,60\n"), " line 3, column \"model\"");
    refused("l.csv", format!("task,model,value\nmmlu,{long},50\n"), " line 2, column \"model\"");
    refused("i.csv", format!("model,a,b\n{long},0,1\n"), " line 2, column \"model\"");
    let bundled = std::fs::read_to_string(bundled()).unwrap();
    refused("s.json", bundled.replacen("01-ai/Yi-1.5-34B", &long, 1), ": models[0].id");
    dir.write("t.csv", TABLE);
    dir.write("e.csv", format!("parent,child\nb,a\n{long},a\n"));
    let line = dir.run(&["import", "t.csv", "--lineage", "e.csv", "-o", "o.json"]).failed(2);
    assert_eq!(line, format!("e.csv line 3, column \"parent\": {error}"));
    // Names of tasks have no such limit, and a table with long names is still printed.
    dir.write("t.csv", format!("model,{},y\na,10,20\nb,30,40\n", "x".repeat(70_000)));
    dir.run(&["rank", "--snapshot", "t.csv", "--method", "mean", "--task", "y"]).fine();
    dir.run(&["predict", "--snapshot", "t.csv", "--method", "mean", "--facts", "params=7"]);
}

#[test]
fn tables_in_parquet_and_workbooks_are_read() {
    let dir = TestDir::new();
    for name in ["zstd.parquet", "brotli.parquet", "lz4.parquet", "gzip.parquet", "workbook.xlsx"] {
        let path = format!("{}/tests/fixtures/results/{name}", env!("CARGO_MANIFEST_DIR"));
        let shown = dir.run(&["info", &path]).fine();
        assert!(shown.starts_with("3 models × 2 tasks (6 cells"), "{name}: {shown}");
    }
    dir.write("a.zip", b"PK\x03\x04and so on");
    let line = dir.run(&["info", "a.zip"]).failed(2);
    assert!(line.starts_with("a.zip: the zip file can't be read"), "{line}");
    dir.write("t.csv.zst", b"\x28\xb5\x2f\xfd and so on");
    let line = dir.run(&["info", "t.csv.zst"]).failed(2);
    assert_eq!(line, "t.csv.zst: packed with zstd; unpack it, or pack it with gzip");
    dir.write("t.csv", TABLE);
    dir.run(&["train", "t.csv", "--method", "mean", "-o", "m.eyas"]).fine();
    let line = dir.run(&["info", "m.eyas"]).failed(2);
    assert!(line.starts_with("m.eyas: a saved model, not results; give it as --model"), "{line}");
}
