//! Runs the commands in the documentation, and checks that the files in it exist.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Pages with commands. The last ones need public data, so their commands are mostly checked and not run.
const PAGES: [&str; 18] = [
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "RELEASING.md",
    "docs/boards.md",
    "docs/bundlers.md",
    "docs/card.md",
    "docs/facts.md",
    "docs/formats.md",
    "docs/fuzzing.md",
    "docs/hub.md",
    "docs/page.md",
    "docs/webgpu.md",
    "docs/widget.md",
    "docs/performance.md",
    "docs/ranker.md",
    "pkg/README.md",
    "docs/results.md",
];

/// The beginnings of an `eyas` command on a page.
const STARTS: [&str; 2] = ["cargo run --release --bin eyas -- ", "eyas "];

/// Inputs outside the repository: a command with such a file must be parsed and fail because the file is missing.
const ABSENT: [(&str, &str); 5] = [
    ("$DATA", "public data, described in docs/results.md"),
    ("$OUT", "made of public data by the last section of docs/results.md"),
    ("snapshot.json.gz", "made of a dump of the hub, docs/hub.md"),
    ("v1.json.gz", "made of public data by the last section of docs/results.md"),
    ("open-llm-leaderboard-v2.csv", "public data, described in docs/results.md"),
];

/// A smaller number of run commands means that the pages, or the code that reads them, lost some.
const LEAST_RUN: usize = 17;
const LEAST_CHECKED: usize = 90;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The lines of a page that are indented by four or are in a fenced block.
fn code(page: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            lines.push(line.trim());
        }
    }
    lines
}

/// The arguments of an `eyas` command; `None` for another line.
fn arguments(line: &str) -> Option<Vec<String>> {
    let mut rest = line;
    // Environment variables precede the command.
    while let Some((first, after)) = rest.split_once(' ') {
        let name = first.split_once('=').map(|(name, _)| name);
        if !name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')) {
            break;
        }
        rest = after;
    }
    let start = STARTS.iter().find(|start| rest.starts_with(**start))?;
    Some(words(&rest[start.len()..]))
}

/// The words of a command as a shell splits them: quotes keep blanks, and a comment ends the command.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for sign in text.chars() {
        match (quote, sign) {
            (Some(open), _) if sign == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            _ => word.get_or_insert_default().push(sign),
        }
    }
    assert_eq!(quote, None, "an open quote in {text:?}");
    words.extend(word);
    words
}

/// A folder with small versions of the files in the commands.
fn small_inputs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, eyas::formats::pack(name, text.into()).unwrap()).unwrap();
    };
    let published =
        ["models.csv", "benchmarks.csv", "sources.csv", "scores.csv"].map(|name| format!("published/{name}"));
    for name in published.into_iter().chain(["open-models.csv".to_owned()]) {
        let path = format!("data/{name}");
        write(&path, &page(&path));
    }
    // A command refuses an output in a missing folder before it reads its inputs.
    std::fs::create_dir(folder.path().join("$OUT")).unwrap();
    write("README-of-my-model.md", "---\nbase_model: Qwen/Qwen2-7B\nlicense: apache-2.0\n---\n# My model\n");
    write(
        "merge.yml",
        "merge_method: slerp\nbase_model: Qwen/Qwen2-7B\nmodels:\n  - model: Qwen/Qwen2-7B\n  - model: Qwen/Qwen2-7B-Instruct\nparameters:\n  t: 0.4\n",
    );
    // 30 bases with five fine-tunes each, on the items of two benchmarks; children mostly answer like their base.
    for (benchmark, items) in [("arc", 24u32), ("gsm8k", 16)] {
        let mut table = "model".to_owned();
        (0..items).for_each(|item| write!(table, ",q{item}").unwrap());
        for base in 0..30u32 {
            for child in 0..6u32 {
                write!(table, "\norg/{}", node(base, child)).unwrap();
                for item in 0..items {
                    let solved = base + (7 * child + 3 * item) % 5 > item + 3;
                    write!(table, ",{}", u8::from(solved)).unwrap();
                }
            }
        }
        write(&format!("{benchmark}.csv.gz"), &table);
    }
    let edge = |base: u32, child: u32| format!("org/{},org/{}\n", node(base, 0), node(base, child));
    let edges: String = (0..30).flat_map(|base| (1..6).map(move |child| edge(base, child))).collect();
    write("edges.csv", &format!("parent,child\n{edges}"));
    let board = "Model,Params (B),Release year,Average,MMLU,MMLU Rank,MMLU_stderr,n_samples\n\
                 org/a,70,2024,75.5,80.1,1,0.3,14042\norg/b,8,2023,60.5,65.1,2,0.4,14042\norg/c,3,2023,40.5,45.1,3,0.4,14042\n";
    write("board.csv", board);
    write("scores.csv", "model,dataset,score\norg/a,mmlu,50.5\norg/b,mmlu,60.5\norg/a,wer,0.2\n");
    write("models.csv", "model,params_b,parents\norg/a,7,org/base:finetune\norg/b,8,\n");
    write("benchmarks.csv", "benchmark,metric,low,high,lower_is_better\nmmlu,accuracy,0,100,no\nwer,WER,0,1,yes\n");
    folder
}

fn node(base: u32, child: u32) -> String {
    if child == 0 { format!("base-{base}") } else { format!("base-{base}-tune-{child}") }
}

/// A benchmark of speed gets a tiny problem; other commands stay unchanged.
fn smaller(mut arguments: Vec<String>) -> Vec<String> {
    if arguments.first().is_some_and(|command| command == "bench") {
        for (flag, value) in [("--models", "60"), ("--items", "40"), ("--epochs", "2")] {
            match arguments.iter().position(|argument| argument == flag) {
                Some(at) => value.clone_into(&mut arguments[at + 1]),
                None => arguments.extend([flag.to_owned(), value.to_owned()]),
            }
        }
    }
    arguments
}

fn eyas(folder: &Path, arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eyas")).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn commands_in_the_documentation_work() {
    let folder = small_inputs();
    let (mut run, mut checked, mut seen) = (0, [0; ABSENT.len()], BTreeSet::new());
    for name in PAGES {
        for line in code(&page(name)).into_iter().filter(|line| seen.insert((*line).to_owned())) {
            let Some(arguments) = arguments(line) else { continue };
            let output = eyas(folder.path(), &smaller(arguments.clone()));
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            let absent = ABSENT.iter().position(|(file, _)| arguments.iter().any(|argument| argument.contains(file)));
            // What only writes there works.
            if let Some(absent) = absent
                && !output.status.success()
            {
                // An error about an unknown command, option, method or split would come before that about the file.
                let missed = output.status.code() == Some(2) && stderr.contains("No such file");
                // A command may name several such files; the first that is missing ends it.
                let named = ABSENT[absent..].iter().any(|(file, _)| line.contains(file) && stderr.contains(file));
                assert!(missed && named, "{name}: {line}\n{stderr}");
                checked[absent] += 1;
                continue;
            }
            if arguments.windows(2).any(|pair| pair == ["--device", "gpu"]) && !output.status.success() {
                assert!(stderr.contains("GPU"), "{name}: {line}\n{stderr}");
                eprintln!("not run, as there is no GPU: {line}");
                continue;
            }
            assert!(output.status.success(), "{name}: {line}\n{stderr}");
            assert!(!output.stdout.is_empty(), "{name}: {line} prints nothing");
            run += 1;
        }
    }
    println!("{run} commands of the documentation were run");
    for (count, (file, why)) in checked.iter().zip(ABSENT) {
        println!("{count} commands with {file} were only checked for their arguments: {why}");
    }
    let checked: usize = checked.iter().sum();
    assert!(run >= LEAST_RUN && checked >= LEAST_CHECKED, "{run} run, {checked} checked");
}

/// The commands of `cargo xtask` with their options, from its own help.
fn usage() -> Vec<(String, BTreeSet<String>)> {
    let source = page("xtask/src/main.rs");
    let start = source.find("const USAGE: &str = \"").unwrap();
    let text = &source[start..start + source[start..].find("\";").unwrap()];
    let mut usage: Vec<(String, BTreeSet<String>)> = Vec::new();
    for part in text.split("cargo xtask ").skip(1) {
        let command = part.split_whitespace().next().unwrap().to_owned();
        let flags = part.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
        usage.push((command, flags.filter(|word| word.starts_with("--")).map(str::to_owned).collect()));
    }
    usage
}

#[test]
fn the_commands_of_xtask_in_the_documentation_exist() {
    let usage = usage();
    let mut found = 0;
    for name in PAGES {
        let text = page(name);
        for part in text.split("cargo xtask ").skip(1) {
            let line = part.split(['\n', '`', '#']).next().unwrap();
            let command = line.split(|sign: char| !sign.is_ascii_lowercase()).next().unwrap();
            let known = usage.iter().filter(|(known, _)| known == command);
            let flags: BTreeSet<&String> = known.flat_map(|(_, flags)| flags).collect();
            assert!(usage.iter().any(|(known, _)| known == command), "{name}: cargo xtask {line}");
            for flag in line.split_whitespace().filter(|word| word.starts_with("--")) {
                assert!(flags.iter().any(|known| *known == flag), "{name}: cargo xtask {line}");
            }
            found += 1;
        }
    }
    assert!(found >= 12, "{found}");
}

#[test]
fn tests_and_fuzz_targets_in_the_documentation_exist() {
    let mut found = 0;
    for name in PAGES {
        let text = page(name);
        for (before, place) in [("--test ", "tests"), ("fuzz run ", "fuzz/fuzz_targets")] {
            for part in text.split(before).skip(1) {
                let target = part.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').next().unwrap();
                let at = root().join(place).join(target);
                assert!(at.with_extension("rs").exists() || at.join("main.rs").exists(), "{name}: {before}{target}");
                found += 1;
            }
        }
    }
    assert!(found >= 4, "{found}");
}

/// Folders whose files the pages name in backticks.
const FOLDERS: [&str; 13] = [
    "src/",
    "kernels/",
    "wasm/",
    "pkg/",
    "www/",
    "xtask/",
    "tests/",
    "benches/",
    "fuzz/",
    "hub/",
    "docs/",
    "data/",
    "examples/",
];
/// Build outputs.
const BUILT: [&str; 3] = ["pkg/wasm/", "target/", "dist/"];

#[test]
fn files_in_the_documentation_exist() {
    let mut found = 0;
    for name in PAGES {
        for quoted in page(name).split('`').skip(1).step_by(2) {
            let is_path = FOLDERS.iter().any(|folder| quoted.starts_with(folder))
                && !BUILT.iter().any(|built| quoted.starts_with(built))
                // Names in capitals are placeholders for a file that a contributor adds.
                && quoted.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "/._-".contains(sign));
            if is_path {
                assert!(root().join(quoted).exists(), "{name}: {quoted}");
                found += 1;
            }
        }
    }
    assert!(found >= 60, "{found}");
}

#[test]
fn links_between_pages_have_targets() {
    for name in PAGES {
        let folder: PathBuf = root().join(name).parent().unwrap().to_owned();
        let text = page(name);
        for target in text.split("](").skip(1).filter_map(|part| part.split([')', '#']).next()) {
            assert!(target.is_empty() || target.contains("://") || folder.join(target).exists(), "{name}: {target}");
        }
    }
}

#[test]
fn commands_are_read_as_a_shell_reads_them() {
    assert_eq!(words("a 'b c'  --d='e f' # g"), ["a", "b c", "--d=e f"]);
    assert_eq!(arguments("RAYON_NUM_THREADS=1 eyas bench mlp").unwrap(), ["bench", "mlp"]);
    assert_eq!(arguments("cargo xtask build"), None);
    assert_eq!(code("text\n    eyas a\n```sh\neyas b\n```\neyas c\n"), ["eyas a", "eyas b"]);
}
