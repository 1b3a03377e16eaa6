//! Unusable input is refused at once with exit 2 and one line that names the place.

use super::{TestDir, bundled};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The error about a file from all commands that read results.
#[track_caller]
fn refused(name: &str, bytes: &[u8], expected: &str) {
    let dir = TestDir::new();
    dir.write(name, bytes);
    let info = dir.run(&["info", name]).failed(2);
    assert!(info.starts_with(name) && info.contains(expected), "{info}");
    assert_eq!(dir.run(&["info", name, "--json"]).failed(2), info);
    assert_eq!(dir.run(&["import", name, "-o", "out.json"]).failed(2), info);
    assert!(!dir.path("out.json").exists());
}

#[test]
fn files_that_are_no_results() {
    refused("e.csv", b"", "e.csv: the file is empty");
    refused("e.csv", b"\n \n", "e.csv: the file is empty");
    refused("h.csv", b"model,ifeval\n", "h.csv line 1: only a header");
    refused("d.csv", b"model|ifeval|bbh\na|1|2\n", "d.csv line 1: columns are separated by bars");
    refused("d.csv", b"model;ifeval;bbh\na;1;2;3\n", "d.csv line 2: expected 3 columns as in the header, found 4");
    refused("u.csv", b"foo,bar\nx,y\nz,w\n", "u.csv line 1: no column holds scores: \"foo\" is read as model");
    refused("b.bin", b"\x00\x01\x02", "b.bin");
    refused("p.parquet", b"PAR1\x00\x00", "Parquet");
    refused("n.csv", b"model,ifeval\na,1\n\xff\xfe,3\n", "n.csv line 3: not UTF-8");
    refused("r.csv", b"model,x,y\na,1,2\nb,1", "r.csv line 3: the file ends within this row");
    refused("r.csv", b"model,x,y\na,1,2\nb,1,2,3\n", "r.csv line 3: expected 3 columns as in the header, found 4");
    refused("q.csv", b"model,x\n\"a,1\nb,2\n", "q.csv line 2");
    refused("q.csv", b"model,x\na,1\nb,\"2\n", "q.csv line 3: the file ends within quotes");
    refused("m.csv", b"model,task,value\na,x,3\n,x,4\n", "m.csv line 3: the row names no model");
    refused("g.csv", b"parent,child\na,b\n", "g.csv: holds lineage edges and no results");
    refused("c.csv", b"model,x,y\na,,\n", "c.csv line 1: no column holds scores");
}

#[test]
fn values_out_of_range() {
    refused(
        "s.csv",
        b"model,ifeval,mmlu\na,10,20\nb,30,430\nc,50,60\n",
        "s.csv line 3, column \"mmlu\": expected 0 to 100, found 430",
    );
    for number in ["NaN", "inf", "-Infinity", "n/a", "-"] {
        refused("s.csv", format!("model,x\na,\nb,\"{number}\"\n").as_bytes(), "s.csv line 1: no column holds scores");
    }
    refused(
        "l.csv",
        b"model,task,value\na,x,abc\na,y,30\na,z,b\n",
        "l.csv line 2, column \"value\": expected a number",
    );
    let matrix: String = (0..300).map(|row| format!("m{row},1,0,1,0\n")).collect();
    refused(
        "i.csv",
        format!("model,1,2,3,4\n{matrix}z,1,0,7,0\n").as_bytes(),
        "i.csv line 302, column \"3\": expected 0 or 1, found 7",
    );
}

#[test]
fn broken_gzip_and_json() {
    let table: String = (0..3000).map(|row| format!("org/model-{row},{},{}\n", row % 97, row % 89)).collect();
    let packed = gzip(format!("model,x,y\n{table}").as_bytes());
    refused("t.csv.gz", &packed[..packed.len() / 2], "t.csv.gz: the gzip data ends too early");
    refused("t.csv.gz", &packed[..5], "t.csv.gz: the gzip data");
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 0xff;
    refused("t.csv.gz", &damaged, "t.csv.gz: the gzip data is damaged");
    refused("t.csv.gz", &gzip(b""), "t.csv.gz: the file is empty");
    let snapshot = std::fs::read(bundled()).unwrap();
    refused("s.json", &snapshot[..500], "s.json line 1");
    refused("s.json", &snapshot[..snapshot.len() - 1], "s.json line 1");
    refused(
        "s.json",
        b"{}",
        "this JSON is of no known form; read are: snapshots (with \"format\": \"eyas-snapshot/2\")",
    );
    let other = br#"{"task_name": "X", "scores": {"test": [{"main_score": 0.75}]}}"#;
    refused("s.json", other, "names no model; give the model_meta.json of its folder too");
    let votes = br#"[{"model_a": "a", "model_b": "b", "winner": "model_a"}]"#;
    refused("s.json", votes, "this JSON is of the form of single votes of an arena, which is not read here");
    refused("s.json", br#"{"format":"eyas-snapshot/9"}"#, "eyas-snapshot/9");
    let text = String::from_utf8(snapshot).unwrap();
    refused(
        "s.json",
        text.replacen("\"values\":[0.", "\"values\":[7.", 1).as_bytes(),
        "scores[0].values[0]: expected 0 to 1",
    );
    refused("s.json", "{\"format\":".repeat(100_000).as_bytes(), "s.json line 1");
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let mut bytes = b"model,x\n".to_vec();
    bytes.resize(100_000_000, b'7');
    refused("wide.csv", &bytes, "wide.csv line 2: the line is longer than 16 MiB");
    refused("wide.csv.gz", &gzip(&bytes), "wide.csv.gz line 2: the line is longer than 16 MiB");
}

#[test]
fn paths_that_are_no_files() {
    let dir = TestDir::new();
    std::fs::create_dir(dir.path("folder")).unwrap();
    dir.write("t.csv", "model,x,y\na,10,20\nb,30,40\n");
    for path in ["nowhere.csv", "folder"] {
        let refusals: [&[&str]; 8] = [
            &["info", path],
            &["import", path, "-o", "out.json"],
            &["import", "t.csv", "--lineage", path, "-o", "out.json"],
            &["train", path, "--method", "mean", "-o", "m.eyas"],
            &["rank", "--model", path, "--task", "x"],
            &["predict", "--snapshot", "t.csv", "--method", "mean", "--lineage", path],
            &["backtest", path, "--method", "mean", "--split", "models:1"],
            &["backtest", "t.csv", "--method", "mean", "--split", &format!("file:{path}")],
        ];
        for arguments in refusals {
            let line = dir.run(arguments).failed(2);
            assert!(line.starts_with(path), "{arguments:?}: {line}");
        }
    }
    let unwritable: [&[&str]; 3] = [
        &["import", "t.csv", "-o", "nowhere/out.json"],
        &["train", "t.csv", "--method", "mean", "-o", "nowhere/m.eyas"],
        &["backtest", "t.csv", "--method", "mean", "--split", "models:1", "--predictions", "nowhere/p.csv"],
    ];
    for arguments in unwritable {
        assert!(dir.run(arguments).failed(2).contains("nowhere/"), "{arguments:?}");
    }
}

#[test]
fn broken_lineages() {
    let dir = TestDir::new();
    let snapshot = bundled();
    let refused = |bytes: &[u8]| {
        dir.write("card.md", bytes);
        dir.run(&["predict", "--snapshot", &snapshot, "--method", "mean", "--lineage", "card.md"]).failed(2)
    };
    let cases: [(&[u8], &str); 7] = [
        (b"", "card.md: the text is empty"),
        (b"---\nbase_model: [a/b\n---\n", "card.md line"),
        (b"---\nlicense: mit\nbase_model: 3\n---\n", "card.md line 3"),
        (b"---\ntitle: x\n# never closed\n", "card.md line 1"),
        (b"a/b\na/b/c/d\n", "card.md line 2"),
        (b"a/b 0.5\nc/d -1\n", "card.md line 2"),
        (b"a/b\n\xff\xfe\n", "card.md line 2: not UTF-8"),
    ];
    for (bytes, expected) in cases {
        let line = refused(bytes);
        assert!(line.starts_with(expected), "{expected}: {line}");
    }
    assert!(refused(&b"org/model\n".repeat(200_000)).starts_with("card.md: the text is longer than 1 MiB"));
    dir.write("edges.csv", "from,to\na,b\n");
    let line = dir.run(&["import", &snapshot, "--lineage", "edges.csv", "-o", "out.json"]).failed(2);
    assert!(line.starts_with("edges.csv line 1: no column \"parent\""), "{line}");
}

#[test]
fn broken_models() {
    let dir = TestDir::new();
    dir.run(&["train", &bundled(), "--method", "lrmf", "-o", "m.eyas"]).fine();
    let whole = std::fs::read(dir.path("m.eyas")).unwrap();
    let mut newer = whole.clone();
    newer[4] = 99;
    let mut head = whole.clone();
    head[12] = 9;
    let cases = [
        (&b""[..], "cut short"),
        (b"PK\x03\x04zip", "not a saved model"),
        (&whole[..9], "cut short"),
        (&whole[..200], "cut short"),
        (&whole[..whole.len() - 1], "cut short"),
        (&newer, "version 99"),
        (&head, "head is damaged"),
    ];
    for (bytes, expected) in cases {
        dir.write("m.eyas", bytes);
        let line = dir.run(&["rank", "--model", "m.eyas", "--task", "bbh"]).failed(2);
        assert!(line.starts_with("m.eyas: ") && line.contains(expected), "{expected}: {line}");
    }
}

#[test]
fn requests_that_the_data_cannot_meet() {
    let dir = TestDir::new();
    dir.write("bad.csv", "model,task\n01-ai/Yi-6B,bbh\nnobody/x,bbh\n");
    let snapshot = bundled();
    let splits = [
        ("models:117", "117 models"),
        ("models:0", "whole number from 1"),
        ("models:-1", "whole number"),
        ("models", "kind:value"),
        ("lineage:56", "55 models have a parent"),
        ("after:2030-01-01", "after:2030-01-01"),
        ("after:soon", "a date such as"),
        ("cells:0", "between 0 and 1"),
        ("cells:1", "between 0 and 1"),
        ("cells:0.00001", "702"),
        ("cells:NaN", "between 0 and 1"),
        ("tasks:6", "6 tasks"),
        ("datasets:6", "6 datasets"),
        ("family:qwen2,wild", "no such family \"wild\""),
        ("wild:3", "no split \"wild\""),
        ("file:bad.csv", "bad.csv line 3, column \"model\""),
    ];
    for (split, expected) in splits {
        let line = dir.run(&["backtest", &snapshot, "--method", "mean", "--split", split]).failed(2);
        assert!(line.contains(expected), "{split}: {line}");
    }
    let backtest = ["backtest", &snapshot, "--split", "models:3", "--method"];
    let conditions: [(&[&str], &str); 9] = [
        (&["wild"], "no method \"wild\"; there are mean"),
        (&["mean,"], "no method \"\""),
        (&["mean,mean"], "twice"),
        (&["mean", "--seeds", "0"], "--seeds"),
        (&["mean", "--keep-cells", "0"], "0"),
        (&["mean", "--keep-cells", "1.5"], "1.5"),
        (&["mean", "--lineage-noise", "-2"], "-2"),
        (&["mean", "--lineage-noise", "NaN"], "NaN"),
        (&["mean", "--hide-factors", "family,sise"], "no model has a factor \"sise\""),
    ];
    for (more, expected) in conditions {
        let line = dir.run(&[&backtest[..], more].concat()).failed(2);
        assert!(line.contains(expected), "{more:?}: {line}");
    }
    let rank = ["rank", "--snapshot", &snapshot, "--method", "mean", "--task"];
    let ranks: [(&[&str], &str); 3] = [
        (&["wild"], "there are ifeval, bbh"),
        (&["bbh", "--where", "params<="], "params<="),
        (&["bbh", "--top", "x"], "--top"),
    ];
    for (more, expected) in ranks {
        let line = dir.run(&[&rank[..], more].concat()).failed(2);
        assert!(line.contains(expected), "{more:?}: {line}");
    }
    for scores in ["wild=0.5", "ifeval=430", "ifeval=NaN", "ifeval", "ifeval=1,IFEVAL=2"] {
        dir.run(&["predict", "--snapshot", &snapshot, "--method", "mean", "--scores", scores]).failed(2);
    }
}

#[test]
fn wrong_usage() {
    let dir = TestDir::new();
    let snapshot = bundled();
    let cases: [(&[&str], &str); 14] = [
        (&[], "no command"),
        (&["wild"], "wild"),
        (&["info"], "SNAPSHOT"),
        (&["info", &snapshot, "--wild"], "--wild"),
        (&["import", "-o", "x.json"], "FILE|FOLDER|URL"),
        (&["train", &snapshot, "--method", "wild", "-o", "m.eyas"], "no method \"wild\""),
        (&["train", &snapshot, "--method", "mean", "--device", "abacus", "-o", "m.eyas"], "no device \"abacus\""),
        (&["rank", "--task", "bbh"], "--snapshot or --model"),
        (&["rank", "--snapshot", &snapshot, "--model", "m.eyas", "--task", "bbh"], "--model"),
        (&["predict", "--snapshot", &snapshot, "--method", "mean"], "--lineage"),
        (&["bench", "wild"], "no benchmark \"wild\""),
        (&["bench", "mlp", "--solve"], "solvers of lrmf"),
        (&["bench", "default", "--solve"], "solvers of lrmf"),
        (&["bench", "default", "--known", "1.5"], "--known is a share"),
    ];
    for (arguments, expected) in cases {
        let line = dir.run(arguments).failed(2);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
}
