use super::*;
use crate::lineage::{NamedEdge, Relation};
use crate::snapshot::Factor;

/// `lab/m` is a child of `p` and `q`, both are children of `g`, and `p` is also a child of `h`.
fn lineage() -> Lineage {
    let edges = [("p", "m"), ("q", "m"), ("g", "p"), ("h", "p"), ("g", "q")];
    let edge = |(parent, child): (&str, &str)| NamedEdge {
        child: format!("lab/{child}"),
        parent: Parent::new(format!("lab/{parent}"), Relation::Finetune),
    };
    Lineage::new(["lab/m".to_owned()], edges.into_iter().map(edge).collect()).0
}

fn parent(id: &str, weight: f32) -> Parent {
    Parent { weight, ..Parent::new(id, Relation::Merge) }
}

fn model() -> NewModel {
    NewModel {
        name: Some("org/new-7B".to_owned()),
        parents: vec![parent("lab/p", 0.75), parent("lab/q", 0.25)],
        factors: [("params".to_owned(), Factor::Number(7.0)), ("type".to_owned(), Factor::Text("merge".into()))].into(),
        date: "2025-03-01".parse().ok(),
        scores: vec![(0, 0.5), (1, 0.0004)],
        node: Some(0),
    }
}

fn tasks() -> Vec<Task> {
    ["a", "b", "c"].map(|id| Task::score(id, None)).to_vec()
}

impl Pieces<'_> {
    fn all(&self) -> u64 {
        (1 << self.list.len()) - 1
    }

    /// The model without the pieces of these names.
    fn without(&self, names: &[&str]) -> NewModel {
        let gone: u64 = (0..)
            .zip(&self.list)
            .filter(|(_, piece)| names.contains(&piece.what.as_str()))
            .map(|(at, _)| 1 << at)
            .sum();
        assert_eq!(gone.count_ones() as usize, names.len(), "{names:?} of {:?}", self.list);
        self.model(self.all() & !gone)
    }
}

fn parents_of(model: &NewModel) -> Vec<(&str, f32)> {
    model.parents.iter().map(|parent| (parent.id.as_str(), parent.weight)).collect()
}

/// As text, since `NewModel` has no equality.
fn text_of(model: &NewModel) -> String {
    format!("{model:?}")
}

#[test]
fn all_pieces_give_the_model_and_no_piece_an_empty_one() {
    let (lineage, tasks) = (lineage(), tasks());
    let pieces = Pieces::new(&lineage, &tasks, model());
    // Ancestors change nothing while the parents are present.
    assert_eq!(text_of(&pieces.model(pieces.all())), text_of(&model()));
    assert_eq!(text_of(&pieces.model(0)), text_of(&NewModel::default()));
    let found: Vec<(Kind, &str, Option<&str>)> =
        pieces.list.iter().map(|piece| (piece.kind, piece.what.as_str(), piece.said.as_deref())).collect();
    let expected = [
        (Kind::Parent, "lab/p", Some("75 %")),
        (Kind::Parent, "lab/q", Some("25 %")),
        (Kind::Ancestor, "lab/g", None),
        (Kind::Ancestor, "lab/h", None),
        (Kind::Relatives, "what is known under its name", None),
        (Kind::Factor, "params", Some("7")),
        (Kind::Factor, "type", Some("merge")),
        (Kind::Organisation, "organisation", Some("org")),
        (Kind::Name, "name", Some("new-7B")),
        (Kind::Date, "date", Some("2025-03-01")),
        (Kind::Score, "a", Some("0.500")),
        (Kind::Score, "b", Some("0.000")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn without_a_parent_its_own_parents_take_its_place() {
    let (lineage, tasks) = (lineage(), tasks());
    let pieces = Pieces::new(&lineage, &tasks, model());
    assert_eq!(parents_of(&pieces.without(&["lab/p"])), [("lab/g", 0.375), ("lab/h", 0.375), ("lab/q", 0.25)]);
    assert_eq!(parents_of(&pieces.without(&["lab/p", "lab/h"])), [("lab/g", 0.375), ("lab/q", 0.25)]);
    // An ancestor of both parents is one parent with the sum of the weights.
    assert_eq!(parents_of(&pieces.without(&["lab/p", "lab/q"])), [("lab/g", 0.625), ("lab/h", 0.375)]);
    assert_eq!(parents_of(&pieces.without(&["lab/p", "lab/q", "lab/g", "lab/h"])), []);
    assert_eq!(parents_of(&pieces.without(&["lab/g", "lab/h"])), parents_of(&model()));
    assert!(pieces.without(&["lab/p"]).parents.iter().all(|parent| parent.relation == Relation::Merge));
}

#[test]
fn leaving_out_a_piece_removes_only_its_own_fact() {
    let (lineage, tasks) = (lineage(), tasks());
    let pieces = Pieces::new(&lineage, &tasks, model());
    let gone = |what: &str| pieces.without(&[what]);
    assert_eq!(gone("what is known under its name").node, None);
    assert_eq!(gone("params").factors.into_keys().collect::<Vec<_>>(), ["type"]);
    assert_eq!(gone("organisation").name.as_deref(), Some("new-7B"));
    assert_eq!(gone("name").name.as_deref(), Some("org/"));
    assert_eq!(pieces.without(&["name", "organisation"]).name, None);
    assert_eq!(gone("date").date, None);
    assert_eq!((gone("a").scores, gone("b").scores), (vec![(1, 0.0004)], vec![(0, 0.5)]));
    for what in ["params", "name", "date", "a", "b"] {
        assert_eq!(parents_of(&gone(what)), parents_of(&model()), "{what}");
    }
}

/// A parent whose share rounds to 0 % is still a parent.
#[test]
fn the_smallest_share_is_kept() {
    let (lineage, tasks) = (lineage(), tasks());
    let tiny = NewModel { parents: vec![parent("lab/p", 0.9996), parent("lab/q", 0.0004)], ..model() };
    let pieces = Pieces::new(&lineage, &tasks, tiny);
    assert_eq!(pieces.list[1].said.as_deref(), Some("0 %"));
    assert_eq!(parents_of(&pieces.without(&["lab/p", "lab/g", "lab/h"])), [("lab/q", 0.0004)]);
    assert_eq!(parents_of(&pieces.without(&["lab/q", "lab/g", "lab/h"])), [("lab/p", 0.9996)]);
}

#[test]
fn surplus_facts_are_folded_into_the_last_piece() {
    let (lineage, tasks) = (lineage(), tasks());
    let factors: Factors = (0..20).map(|at| (format!("f{at:02}"), Factor::Number(f64::from(at)))).collect();
    let parents: Vec<Parent> = (0..18).map(|at| parent(&format!("x/{at}"), 20.0 - at as f32)).collect();
    let pieces = Pieces::new(&lineage, &tasks, NewModel { factors, parents, ..NewModel::default() });
    let of = |kind: Kind| pieces.list.iter().filter(|piece| piece.kind == kind).collect::<Vec<_>>();
    for (kind, last, said) in [(Kind::Factor, "other factors", "5"), (Kind::Parent, "other parents", "3")] {
        assert_eq!((of(kind).len(), of(kind)[15].what.as_str(), of(kind)[15].said.as_deref()), (16, last, Some(said)));
    }
    let left = pieces.without(&["other factors", "other parents"]);
    assert_eq!((left.factors.len(), left.parents.len()), (15, 15));
    assert!(left.factors.contains_key("f14") && left.parents[14].id == "x/14", "the last ones are folded: {left:?}");
}

#[test]
fn answers_to_items_are_one_piece_a_benchmark() {
    let lineage = lineage();
    let items = |name: &str| (0..12).map(|item| Task::outcome(name, &item.to_string())).collect::<Vec<_>>();
    let tasks = [items("one"), items("two")].concat();
    let scores = [0, 5, 13, 14, 15].map(|task| (task, 1.0)).to_vec();
    let pieces = Pieces::new(&lineage, &tasks, NewModel { scores, ..NewModel::default() });
    let found: Vec<_> = pieces.list.iter().map(|piece| (piece.what.as_str(), piece.said.as_deref())).collect();
    assert_eq!(found, [("one", Some("2 results")), ("two", Some("3 results"))]);
    assert_eq!(pieces.without(&["one"]).scores, [(13, 1.0), (14, 1.0), (15, 1.0)]);
}

#[test]
fn scores_are_written_to_three_places() {
    let cases =
        [(0.0, "0.000"), (0.0004, "0.000"), (0.0005, "0.001"), (0.0456, "0.046"), (0.9996, "1.000"), (1.0, "1.000")];
    for (score, text) in cases {
        assert_eq!(in_thousandths(score), text);
    }
}
