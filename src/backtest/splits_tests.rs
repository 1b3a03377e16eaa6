use super::*;
use crate::error::ErrorKind;
use crate::linalg::SparseMatrix;
use crate::lineage::Lineage;
use crate::lineage::{NamedEdge, Parent, Relation};
use crate::snapshot::{DataSource, Details, Factor, Model, Range, Results, Task};

/// Eight models, four tasks. m7 has no result, m6 has one, and model i lacks the task i % 5.
fn snapshot() -> Snapshot {
    let name = |model: u32| format!("org/m{model}");
    let known = |model: u32, task: u32| if model == 6 { task == 0 } else { model < 6 && model % 5 != task };
    let entries = (0..8).flat_map(|u| (0..4).filter(move |&i| known(u, i)).map(move |i| (u, i, 10.0 * u as f32)));
    let models = (0..8u32).map(|model| {
        let factors = [
            ("family", Factor::Text(["Alpha", "beta"][model as usize % 2].to_owned())),
            ("params", Factor::Number(f64::from(model / 2))),
        ];
        Model {
            id: name(model),
            date: (model != 2).then(|| Date::new(2025, 1, 1 + model as u8).unwrap()),
            factors: factors.map(|(key, value)| (key.to_owned(), value)).into(),
            ..Model::default()
        }
    });
    // m0 <- m1 <- m2; m0, m3 <- m4; m7 (never evaluated) <- m5
    let edges = [(0, 1), (1, 2), (0, 4), (3, 4), (7, 5)]
        .map(|(parent, child)| NamedEdge { child: name(child), parent: Parent::new(name(parent), Relation::Finetune) });
    Snapshot {
        sources: vec![DataSource::new("made up", "none needed")],
        details: Details::default(),
        models: models.collect(),
        tasks: (0..4).map(|task| Task::score(format!("t{task}"), Some(Range::PERCENT))).collect(),
        lineage: Lineage::new((0..8).map(name), edges.into()).0,
        results: Results::Scores(SparseMatrix::from_entries(8, 4, entries.collect())),
    }
}

fn hold(spec: &str, seed: u64) -> Result<Held> {
    let held = spec.parse::<Split>()?.hold_out(&snapshot(), seed)?;
    let unknown = |model: u32| {
        held.cells
            .ones(model as usize)
            .any(|task| snapshot().get(ModelIndex(model), crate::snapshot::TaskIndex(task as u32)).is_none())
    };
    assert!(!(0..8).any(unknown), "{spec} holds out unknown results");
    Ok(held)
}

fn whole_models(spec: &str, seed: u64) -> Vec<u32> {
    hold(spec, seed).unwrap().whole_models.iter().map(|model| model.0).collect()
}

fn refusal(spec: &str) -> String {
    let error = hold(spec, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    error.to_string()
}

#[test]
fn specs_are_read_and_written_back() {
    for spec in [
        "models:200",
        "lineage:120",
        "after:2025-01-01",
        "cells:0.05",
        "tasks:3",
        "tasks:3,2",
        "datasets:40",
        "task:BoolQ(0-shot)",
        "task:AGIEval, English,2",
        "family:Llama 2",
        "family:llama,qwen",
        "largest:0",
        "observed:50",
        "folds:a:b.json",
        "file:some/where.csv",
    ] {
        assert_eq!(spec.parse::<Split>().unwrap().to_string(), spec);
    }
}

#[test]
fn errors_of_bad_specs_name_the_expected_form() {
    let error = |spec: &str| spec.parse::<Split>().unwrap_err().to_string();
    assert!(error("models").contains("kind:value"));
    assert!(error("models:").contains("nothing after its colon"));
    assert!(error("model:3").starts_with("no split \"model\"; there are models:N"));
    assert_eq!(error("models:0"), "the split \"models\" takes a whole number from 1, not \"0\"");
    assert_eq!(error("models:-1"), "the split \"models\" takes a whole number from 1, not \"-1\"");
    assert_eq!(error("largest:x"), "the split \"largest\" takes a whole number, not \"x\"");
    assert_eq!(error("after:2025-13-01"), "the split \"after\" takes a date such as 2025-01-01, not \"2025-13-01\"");
    for share in ["cells:0", "cells:1", "cells:NaN", "cells:5%"] {
        assert!(error(share).contains("a share between 0 and 1"));
    }
}

#[test]
fn the_seed_decides() {
    for spec in ["models:3", "lineage:1", "cells:0.3", "tasks:1", "datasets:1", "largest:1", "observed:1"] {
        let of = |seed| hold(spec, seed).unwrap();
        assert_eq!(of(1), of(1), "{spec}");
        assert!((2..20).any(|seed| of(seed) != of(1)), "{spec}");
    }
}

#[test]
fn models_are_held_out_whole() {
    for seed in 0..20 {
        let held = hold("models:6", seed).unwrap();
        assert_eq!(held.whole_models.len(), 6);
        assert_eq!(held.models().collect::<Vec<_>>(), held.whole_models);
    }
    assert_eq!(refusal("models:7"), "models:7: only 7 models have results, and at least one has to stay in training");
}

#[test]
fn parents_of_held_out_models_stay_in_training() {
    let snapshot = snapshot();
    for seed in 0..30 {
        let held = whole_models("lineage:2", seed);
        assert_eq!(held.len(), 2);
        for &model in &held {
            assert!([1, 2, 4].contains(&model), "m{model} has no parent with results");
            assert!(snapshot.lineage.parents(model).all(|edge| !held.contains(&edge.parent)));
        }
    }
    // m1 and m2 can't both go.
    assert_eq!(
        refusal("lineage:3"),
        "lineage:3: 3 models have a parent in the table, and 2 of them can be held out with their parents in training"
    );
}

#[test]
fn later_models_include_those_of_the_day_itself() {
    assert_eq!(whole_models("after:2025-01-05", 1), [4, 5, 6]);
    assert_eq!(whole_models("after:2025-01-02", 1), [1, 3, 4, 5, 6], "m2 has no date");
    // m7 is later, but has no results.
    assert_eq!(refusal("after:2025-01-08"), "after:2025-01-08: the latest model is of 2025-01-07");
    let mut undated = snapshot();
    undated.models.iter_mut().for_each(|model| model.date = None);
    let error = Split::After(Date::new(2025, 1, 1).unwrap()).hold_out(&undated, 1).unwrap_err();
    assert_eq!(error.to_string(), "after:2025-01-01: no model of this snapshot has a date");
    undated.models[7].date = Date::new(2025, 1, 8);
    assert!(Split::After(Date::new(2025, 1, 1).unwrap()).hold_out(&undated, 1).is_err());
}

#[test]
fn cells_are_an_exact_share_of_the_known_ones() {
    let known = snapshot().cells();
    assert_eq!(known, 3 * 5 + 4 + 1 - 1 + 1);
    for (share, count) in [("cells:0.05", 1), ("cells:0.5", 10), ("cells:0.9", 18)] {
        assert_eq!(hold(share, 3).unwrap().cells.count_ones(), count);
    }
    assert_eq!(refusal("cells:0.001"), "cells:0.001: of 20 known results this is 0");
    let mut seen = BitMatrix::zeros(8, 4);
    for seed in 0..200 {
        let held = hold("cells:0.05", seed).unwrap();
        held.models().for_each(|m| held.cells.ones(m.0 as usize).for_each(|task| seen.set(m.0 as usize, task, true)));
    }
    assert_eq!(seen.count_ones(), known, "every known cell can be drawn");
}

#[test]
fn tasks_are_held_out_whole() {
    let held = hold("tasks:1", 1).unwrap();
    let columns: std::collections::HashSet<usize> = (0..8).flat_map(|model| held.cells.ones(model)).collect();
    let task = *columns.iter().next().unwrap();
    assert_eq!(columns.len(), 1);
    let known = (0..8).filter(|&m| snapshot().get(ModelIndex(m), crate::snapshot::TaskIndex(task as u32)).is_some());
    assert_eq!(held.cells.count_ones(), known.count());
    assert!(refusal("tasks:4").contains("only 4 tasks have results"));
    let (whole, partly) = (hold("tasks:2", 1).unwrap().cells, hold("tasks:2,2", 1).unwrap().cells);
    for task in 0..4 {
        let count = |cells: &BitMatrix| (0..8).filter(|&model| cells.get(model, task)).count();
        assert_eq!(count(&partly), count(&whole).saturating_sub(2));
    }
    assert!((0..8).all(|model| partly.ones(model).all(|task| whole.get(model, task))));
}

#[test]
fn datasets_are_held_out_with_all_their_tasks() {
    let mut parts = snapshot();
    parts.tasks[2].dataset = "t0".to_owned();
    parts.tasks.push(Task::score("unmeasured", None));
    let Results::Scores(scores) = &parts.results else { unreachable!() };
    parts.results = Results::Scores(SparseMatrix::from_entries(8, 5, scores.iter().collect()));
    let mut seen = [0; 3];
    for seed in 0..30 {
        let held = Split::Datasets(1).hold_out(&parts, seed).unwrap();
        let columns = [0, 1, 2, 3].map(|task| (0..8).filter(|&model| held.cells.get(model, task)).count());
        let of = [[5, 0, 5, 0], [0, 5, 0, 0], [0, 0, 0, 5]].iter().position(|of| *of == columns);
        seen[of.unwrap_or_else(|| panic!("{columns:?}"))] += 1;
    }
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
    let error = Split::Datasets(3).hold_out(&parts, 1).unwrap_err().to_string();
    assert_eq!(error, "datasets:3: only 3 datasets have results, and at least one has to stay in training");
    assert_eq!(
        refusal("datasets:4"),
        "datasets:4: only 4 datasets have results, and at least one has to stay in training"
    );
    let refused = "datasets:1,2".parse::<Split>().unwrap_err().to_string();
    assert_eq!(refused, "the split \"datasets\" takes a whole number from 1, not \"1,2\"");
}

#[test]
fn a_named_task_is_held_out_under_any_spelling() {
    let columns = |spec: &str| {
        let held = hold(spec, 1).unwrap();
        (0..4).map(|task| (0..8).filter(|&model| held.cells.get(model, task)).count()).collect::<Vec<_>>()
    };
    assert_eq!(columns("task:T1"), [0, 5, 0, 0]);
    assert_eq!(columns("task:t1,3"), [0, 2, 0, 0]);
    assert!(refusal("task:t9").contains("no task \"t9\" here; there are t0, t1"));
    assert!(refusal("task:t1,5").starts_with("task:t1,5: "));
}

#[test]
fn families_are_held_out_whole() {
    assert_eq!(whole_models("family:alpha", 1), [0, 2, 4, 6]);
    assert_eq!(whole_models("family: ALPHA", 1), [0, 2, 4, 6]);
    let there = "there are, with their numbers of models, alpha (4), beta (3)";
    assert_eq!(refusal("family:gamma"), format!("family:gamma: no such family \"gamma\"; {there}"));
    assert_eq!(refusal("family:beta, x"), format!("family:beta, x: no such family \"x\"; {there}"));
    assert!(refusal("family:alpha,beta").contains("none is left to train on"));
    let mut otherwise = snapshot();
    for model in otherwise.models.iter_mut().take(3) {
        let family = model.factors.remove("family").unwrap().to_text();
        model.factors.insert("Family".to_owned(), Factor::Text(format!(" {} ", family.to_uppercase())));
    }
    let held = Split::Family("alpha".to_owned()).hold_out(&otherwise, 1).unwrap();
    assert_eq!(held, hold("family:alpha", 1).unwrap(), "another spelling is the same family");
    let mut plain = snapshot();
    plain.models.iter_mut().for_each(|model| model.factors.clear());
    assert!(Split::Largest(0).hold_out(&plain, 1).unwrap_err().to_string().contains("has the factor \"family\""));
}

/// Without factors the root of the lineage decides, else the name.
#[test]
fn several_families_are_held_out_whether_told_or_not() {
    let mut snapshot = snapshot();
    snapshot.models.iter_mut().for_each(|model| model.factors.clear());
    let mut rename = |at: usize, id: &str| snapshot.models[at].id = id.to_owned();
    rename(0, "org/Qwen3-8B");
    rename(3, "org/Llama-3-8B");
    rename(6, "org/bge-m3");
    let ids = snapshot.models.iter().map(|model| model.id.clone());
    let lineage = Lineage::new(ids, Vec::new()).0;
    snapshot.lineage = lineage.with_edges(snapshot.lineage.edges().to_vec());
    let whole = |snapshot: &Snapshot, names: &str| {
        let held = Split::Family(names.to_owned()).hold_out(snapshot, 1).unwrap();
        held.whole_models.iter().map(|model| model.0).collect::<Vec<_>>()
    };
    assert_eq!(whole(&snapshot, "qwen"), [0, 1, 2, 4], "m4 was made of m0 and m3, m0 first");
    assert_eq!(whole(&snapshot, "Qwen, BGE"), [0, 1, 2, 4, 6]);
    snapshot.models[2].factors.insert("family".to_owned(), Factor::Text("Mine, too".to_owned()));
    assert_eq!(whole(&snapshot, "mine, too"), [2], "a name may have a comma");
    assert_eq!(whole(&snapshot, "qwen,llama"), [0, 1, 3, 4]);
}

#[test]
fn the_largest_of_each_family_keeps_the_stated_number_of_results() {
    assert_eq!(whole_models("largest:0", 1), [5, 6]);
    let held = hold("largest:2", 1).unwrap();
    // m6 has one result and keeps it.
    assert_eq!((held.whole_models.len(), held.cells.count_row(5), held.cells.count_row(6)), (0, 1, 0));
    let mut one_size = snapshot();
    one_size.models.iter_mut().for_each(|model| {
        model.factors.insert("params".to_owned(), Factor::Number(7.0));
    });
    assert!(Split::Largest(0).hold_out(&one_size, 1).unwrap_err().to_string().contains("two sizes"));
}

#[test]
fn each_model_keeps_the_stated_number_of_results() {
    let held = hold("observed:1", 4).unwrap();
    let known = snapshot();
    for model in 0..7 {
        assert_eq!(held.cells.count_row(model as usize), count_known(&known, ModelIndex(model)) - 1, "m{model}");
    }
    assert_eq!(refusal("observed:4"), "observed:4: no known result is held out");
}

#[test]
fn files_hold_out_the_listed_models_and_cells() {
    let mut split: Split = "file:out.csv".parse().unwrap();
    assert_eq!(split.path(), Some("out.csv"));
    assert_eq!(split.hold_out(&snapshot(), 1).unwrap_err().to_string(), "file:out.csv: the file was not read");
    split.read(b"model,task\norg/m1,T0\nORG/m3\n").unwrap();
    assert_eq!(split.path(), None);
    let held = split.hold_out(&snapshot(), 1).unwrap();
    assert_eq!(held.whole_models, [ModelIndex(3)]);
    assert_eq!((held.cells.count_row(1), held.cells.get(1, 0), held.cells.count_row(3)), (1, true, 3));
    assert!(refusal("folds:f.json").contains("was not read"));
}

#[test]
fn a_configuration_is_no_child_of_its_model() {
    let mut snapshot = snapshot();
    let held =
        |snapshot: &Snapshot, count: usize| format!("lineage:{count}").parse::<Split>().unwrap().hold_out(snapshot, 0);
    let children = held(&snapshot, 99).err().unwrap().to_string();
    let child = snapshot.lineage.edges().iter().find(|edge| snapshot.lineage.parents(edge.child).count() == 1).unwrap();
    let base = snapshot.lineage.id(child.parent).to_owned();
    snapshot.models[child.child as usize].configuration_of = Some(base);
    let fewer = held(&snapshot, 99).err().unwrap().to_string();
    let count = |message: &str| message.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap();
    assert_eq!(count(&fewer) + 1, count(&children), "{children} {fewer}");
}
