//! Saved models: they are restored to the byte whatever the settings of the training, and files of another version are
//! refused.

use super::factorisation::low_rank;
use super::{families, sized_models};
use eyas::error::ErrorKind;
use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::{
    Fitted, Forecast, Irt, IrtConfig, Lrmf, LrmfConfig, Method, Mf, MfConfig, Ncf, NcfConfig, NewModel, Silent, Target,
    Tensor, TrainingData, VisibleCells,
};
use eyas::recommend::{Recommender, Request, TrainOptions, tensors};
use eyas::snapshot::{ModelIndex, Results, Snapshot};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// 40 models in four families with a share of known cells; the last model has neither results nor relatives.
fn table(in_ten: u32) -> Snapshot {
    let names: Vec<String> = (0..40).map(|at| format!("lab{}/word{}-{at}", at % 4, at % 7)).collect();
    let edge = |child: usize| NamedEdge {
        child: names[child].clone(),
        parent: Parent { weight: 0.5, ..Parent::new(names[child % 4].clone(), Relation::Merge) },
    };
    let lineage = Lineage::new(names.clone(), (4..39).map(edge).collect()).0;
    let known = (0..39u32).flat_map(|row| (0..12u32).map(move |task| (row, task)));
    let known = known.filter(|&(row, task)| (row * 7 + task * 3) % 10 < in_ten);
    let score = |row: u32, task: u32| 50.0 + 30.0 * (f64::from(row) * 0.9).sin() * (f64::from(task) * 0.7).cos();
    let cells = known.map(|(row, task)| (row, task, score(row, task) as f32)).collect();
    sized_models(&names, lineage, 12, cells)
}

/// Forecasts for models of the data, new ones with and without parents and scores, and one with only a name.
fn forecasts(fitted: &dyn Fitted, data: &TrainingData<'_>) -> Vec<Forecast> {
    let parents = vec![
        Parent { weight: 3.0, ..Parent::new(data.models[0].id.clone(), Relation::Merge) },
        Parent::new(data.models[9].id.clone(), Relation::Merge),
    ];
    let scores = vec![(0, 0.0), (2, 1.0), (5, 0.25)];
    let named = NewModel { name: Some("lab3/word2-new".into()), ..NewModel::default() };
    let news = [
        NewModel::default(),
        NewModel { parents: parents.clone(), ..NewModel::default() },
        NewModel { scores: scores.clone(), ..NewModel::default() },
        NewModel { parents, scores: scores.clone(), ..NewModel::default() },
        NewModel { scores, ..NewModel::of(data.models, data.lineage, 2) },
        named,
    ];
    let known = [0, 17, 39].map(|model| Target::Known(ModelIndex(model)));
    known.into_iter().chain(news.iter().map(Target::New)).map(|target| fitted.forecast(data, target).unwrap()).collect()
}

fn assert_is_restored<F: Fitted>(
    name: &str,
    data: &TrainingData<'_>,
    trained: &F,
    restore: impl Fn(&[Tensor]) -> eyas::error::Result<F>,
) {
    let saved = trained.tensors();
    let loaded = restore(&saved).unwrap();
    assert_eq!(forecasts(trained, data), forecasts(&loaded, data), "{name}");
    assert_eq!(saved, loaded.tensors(), "{name}, saved again");
    for left_out in 0..saved.len() {
        let mut others = saved.clone();
        let missing = others.remove(left_out).name;
        // Without its settings a factorisation with the squared loss looks like one with the logistic loss; it is
        // refused, too.
        let error = restore(&others).err().unwrap_or_else(|| unreachable!("{name} is restored without {missing}"));
        assert!(error.to_string().contains("lacks a fitting tensor"), "{name} without {missing}: {error}");
    }
}

#[test]
fn a_model_with_its_own_settings_is_restored_to_the_byte() {
    let outcomes = Snapshot::synthetic(40, 30, 4);
    for snapshot in [table(10), table(6), outcomes] {
        let visible = VisibleCells::new(&snapshot, Some(&BitMatrix::zeros(40, snapshot.tasks.len()))).unwrap();
        let Snapshot { models, tasks, lineage, .. } = &snapshot;
        let data = TrainingData { models, tasks, lineage, cells: &visible.cells, seed: 3 };
        let usual = LrmfConfig { dim: 3, ..LrmfConfig::default() };
        for config in [
            LrmfConfig { l2: 1e-3, lineage: 1e-2, tasks: 1e-3, task_neighbours: 3, ..usual.clone() },
            LrmfConfig { lineage: 0.0, ..usual.clone() },
            LrmfConfig { biases: false, ..usual },
        ] {
            let lrmf = pollster::block_on(Lrmf::fit(&data, &config, &mut Silent)).unwrap();
            assert_is_restored(&format!("{config:?}"), &data, &lrmf, |tensors| Lrmf::restore(&data, tensors));
        }
        for config in [
            MfConfig { dim: 2, l2: 3e-3, ..MfConfig::logistic() },
            MfConfig { dim: 2, l2: 5.0, bias_l2: 2.0, logits: false, ..MfConfig::default() },
            MfConfig { biases: false, ..MfConfig::default() },
            MfConfig { dim: 4, ..MfConfig::cpp() },
        ] {
            let mf = pollster::block_on(Mf::fit(&data, &config, &mut Silent)).unwrap();
            assert_is_restored(&format!("{config:?}"), &data, &mf, |tensors| Mf::restore(&data, tensors));
            let back = Mf::restore(&data, &mf.tensors()).unwrap();
            let of = |config: &MfConfig| (config.loss, config.dim, config.l2, config.biases);
            assert_eq!(of(back.config()), of(&config));
        }
        let config = IrtConfig { shared_slope: true, prior: 0.3, ..IrtConfig::default() };
        let irt = pollster::block_on(Irt::fit(&data, &config, &mut Silent)).unwrap();
        assert_is_restored("irt", &data, &irt, |tensors| Irt::restore(&data, tensors));
        let config = NcfConfig { latent: 3, ..NcfConfig::with_factors() };
        let ncf = pollster::block_on(Ncf::fit(&data, &config, &mut Silent)).unwrap();
        assert_is_restored("ncf", &data, &ncf, |tensors| Ncf::restore(&data, &config, tensors));
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/saved").join(name)
}

fn saved(snapshot: &Snapshot, method: Method) -> Vec<u8> {
    let options = TrainOptions { method, ..TrainOptions::default() };
    pollster::block_on(Recommender::train(snapshot.clone(), &options, &mut Silent)).unwrap().save().unwrap()
}

fn version(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]])
}

/// `version-2.eyas` to `version-5.eyas` were written by earlier releases: `lrmf` with three models and two tasks.
#[test]
fn a_file_of_another_version_is_refused_with_a_clear_error() {
    let [oldest, older, old, last] = [2, 3, 4, 5].map(|number| {
        let bytes = std::fs::read(fixture(&format!("version-{number}.eyas"))).unwrap();
        assert_eq!(version(&bytes), number);
        bytes
    });
    let mut newer = saved(&table(10), Method::Mean);
    newer[4] += 1;
    for (bytes, age, what) in [
        (oldest, "an older eyas (version 2", "`eyas train`"),
        (older, "an older eyas (version 3", "`eyas train`"),
        (old, "an older eyas (version 4", "`eyas train`"),
        (last, "an older eyas (version 5", "`eyas train`"),
        (newer, "a newer eyas", "update eyas"),
    ] {
        for error in [Recommender::load(&bytes).err().unwrap(), tensors(&bytes).err().unwrap()] {
            let error = error.to_string();
            assert!(error.contains(age) && error.contains(what), "{error}");
        }
    }
}

/// The tensors of each method over a full table, one with many gaps, and outcomes: names with their number of
/// dimensions. A failure means that files of the present version can't be read any more: raise `VERSION` in
/// `src/recommend/saved.rs`, and write the list to a file with the new number.
#[test]
fn the_version_determines_the_tensors_of_a_file() {
    let snapshots = [table(10), table(6), Snapshot::synthetic(40, 30, 4)];
    let mut found = String::new();
    for method in Method::ALL {
        let files: Vec<Vec<u8>> = snapshots.iter().map(|snapshot| saved(snapshot, method)).collect();
        let all = files.iter().flat_map(|file| tensors(file).unwrap());
        let lines: BTreeSet<String> = all.map(|tensor| format!("  {} {}", tensor.name, tensor.shape.len())).collect();
        found += &format!("{}\n", method.name());
        lines.iter().for_each(|line| found += &format!("{line}\n"));
    }
    let golden = fixture(&format!("tensors-{}.txt", version(&saved(&snapshots[0], Method::Mean))));
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    assert!(found == expected, "{} has another list than this:\n{found}", golden.display());
}

#[test]
fn a_saved_model_forecasts_as_the_trained_one_does() {
    let (mut gaps, hidden) = low_rank(3);
    if let Results::Scores(scores) = &mut gaps.results {
        let known = scores.iter().filter(|&(model, task, _)| !hidden.get(model as usize, task as usize));
        *scores = SparseMatrix::from_entries(60, 30, known.collect());
    }
    for snapshot in [families(), gaps, Snapshot::synthetic(40, 30, 4)] {
        let parent = snapshot.models[1].id.clone();
        let scores = vec![(snapshot.tasks[0].id.clone(), 0.0), (snapshot.tasks[2].id.clone(), 1.0)];
        let parents = vec![Parent::new(parent, Relation::Finetune)];
        let request = Request { parents, scores, ..Request::default() };
        for method in Method::ALL {
            let options = TrainOptions { method, ..TrainOptions::default() };
            let trained = pollster::block_on(Recommender::train(snapshot.clone(), &options, &mut Silent)).unwrap();
            let bytes = trained.save().unwrap();
            let loaded = Recommender::load(&bytes).unwrap();
            assert_eq!(trained.predict(&request).unwrap(), loaded.predict(&request).unwrap(), "{}", method.name());
            for cut in [0, 3, 10, bytes.len() / 2] {
                let error = Recommender::load(&bytes[..cut]).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::Input, "{error}");
            }
        }
    }
}
