//! Where the scores of each output lie and how far apart they are. A task with few results lies where its likes do, as far as
//! those few don't tell: two results of two weak models are no middle.

use super::outputs::Link;
use crate::linalg::sort_floats;
use crate::methods::factors::encoding::Encoding;
use crate::snapshot::Task;
use ndarray::Array2;

/// Scores that the spread of all columns weighs in that of one.
const COMMON_SPREAD: f32 = 4.0;
/// Models with which a table tells by itself how far scores are apart.
const FEW: f32 = 20.0;
/// How many results the usual spread of a benchmark's scores weighs in a table of hardly any model.
const USUAL_WEIGHT: f32 = 4.0;
/// In a table of hardly any model, standard deviations of the centre in spreads.
const FEW_DOUBT: f32 = 1.5;
/// Results with which a column tells by itself where it lies.
const ENOUGH: usize = 8;
/// Results that the tasks of like factors weigh.
const LIKES: f32 = 0.3;
/// How much more a task weighs that has all factors in common than one that has none: a logarithm.
const LIKENESS: f32 = 6.0;

/// Where the scores of the outputs lie.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scale {
    /// (n_outputs)
    pub(super) centre: Vec<f32>,
    /// Standard deviations. (n_outputs)
    pub(super) spread: Vec<f32>,
    /// Standard deviation of the centre where there are few results, in spreads; else 0. (n_outputs)
    pub(super) doubt: Vec<f32>,
}

/// What is known of a column.
struct Column {
    n: usize,
    median: Option<f32>,
    squares: f32, // of the distances from its mean
}

impl Scale {
    /// Median and standard deviation of what is known of each column, and the values in those terms. The fewer there are, the
    /// more of its standard deviation a column has from the others. values, known: (n_models, n_outputs)
    pub(super) fn of(
        mut values: Array2<f32>,
        known: &Array2<bool>,
        links: &[Link],
        tasks: &[Task],
    ) -> (Self, Array2<f32>) {
        let columns: Vec<Column> = (0..values.ncols()).map(|k| Column::new(&values, known, k)).collect();
        let complete = known.iter().all(|known| *known);
        let all = columns.iter().map(|column| column.n).sum::<usize>() as f32;
        let common = columns.iter().map(|column| column.squares).sum::<f32>() / all.max(1.0);
        let weight = if complete { 0.0 } else { COMMON_SPREAD };
        let lack = (1.0 - values.nrows() as f32 / FEW).max(0.0); // 1 without any model, 0 where there are enough
        let usual_weight = lack * USUAL_WEIGHT;
        let spread = |(column, link): (&Column, &Link)| {
            let squares = column.squares + weight * common + usual_weight * link.usual_spread().powi(2);
            (squares / (column.n as f32 + weight + usual_weight).max(1.0)).sqrt().max(1e-6)
        };
        let medians: Vec<f32> = columns.iter().filter_map(|column| column.median).collect();
        let usual = medians.iter().sum::<f32>() / medians.len().max(1) as f32;
        let mut scale = Self {
            centre: columns.iter().map(|column| column.median.unwrap_or(usual)).collect(),
            spread: columns.iter().zip(links).map(spread).collect(),
            doubt: vec![0.0; columns.len()],
        };
        if !complete && tasks.len() == columns.len() {
            scale.place_few(&columns, &values, known, tasks);
        }
        scale.doubt.iter_mut().for_each(|doubt| *doubt = doubt.hypot(FEW_DOUBT * lack));
        for (k, mut column) in values.columns_mut().into_iter().enumerate() {
            column.mapv_inplace(|value| (value - scale.centre[k]) / scale.spread[k]);
        }
        (scale, values)
    }

    /// Moves the centres of columns of few results to where those results, by models of known level, and tasks of like factors
    /// would have them: the mean of a normal distribution whose prior weighs [`LIKES`] results.
    fn place_few(&mut self, columns: &[Column], values: &Array2<f32>, known: &Array2<bool>, tasks: &[Task]) {
        let many: Vec<usize> = (0..columns.len()).filter(|&k| columns[k].n >= ENOUGH).collect();
        if many.len() < 2 {
            return;
        }
        let encoding = Encoding::new(tasks.iter().map(|task| &task.factors));
        let codes: Vec<_> = tasks.iter().map(|task| encoding.encode(&task.factors)).collect();
        let alike = |a: usize, b: usize| {
            let same = codes[a].iter().zip(&codes[b]).filter(|(x, y)| x.is_some() && x == y).count();
            (LIKENESS * same as f32 / codes[a].len().max(1) as f32).exp()
        };
        let among_likes = |k: usize| {
            let others = many.iter().filter(|&&other| other != k);
            let (sum, total) = others
                .map(|&other| (alike(k, other), self.centre[other]))
                .fold((0.0, 0.0), |(sum, total), (weight, centre)| (sum + weight * centre, total + weight));
            sum / total
        };
        let missed = many.iter().map(|&k| (self.centre[k] - among_likes(k)).powi(2)).sum::<f32>();
        let deviation = (missed / many.len() as f32).sqrt();
        let placed: Vec<(usize, f32, f32)> = (0..columns.len())
            .filter(|&k| columns[k].n < ENOUGH)
            .map(|k| {
                let rows = (0..values.nrows()).filter(|&row| known[[row, k]]);
                let at = |row: usize| values[[row, k]] - self.spread[k] * self.level(row, &many, values, known);
                let weight = columns[k].n as f32 + LIKES;
                let centre = (LIKES * among_likes(k) + rows.map(at).sum::<f32>()) / weight;
                (k, centre, deviation * (LIKES / weight).sqrt() / self.spread[k])
            })
            .collect();
        for (k, centre, doubt) in placed {
            (self.centre[k], self.doubt[k]) = (centre, doubt);
        }
    }

    /// How good a model is: the mean of its standardised scores on these columns, and of one 0.
    fn level(&self, row: usize, columns: &[usize], values: &Array2<f32>, known: &Array2<bool>) -> f32 {
        let scores = columns.iter().filter(|&&k| known[[row, k]]);
        let (sum, count) = scores.fold((0.0, 1.0), |(sum, count), &k| {
            (sum + (values[[row, k]] - self.centre[k]) / self.spread[k], count + 1.0)
        });
        sum / count
    }
}

impl Column {
    fn new(values: &Array2<f32>, known: &Array2<bool>, k: usize) -> Self {
        let cells = values.column(k);
        let mut sorted: Vec<f32> =
            cells.iter().zip(known.column(k)).filter(|(_, known)| **known).map(|cell| *cell.0).collect();
        sort_floats(&mut sorted);
        let mean = sorted.iter().sum::<f32>() / sorted.len().max(1) as f32;
        let squares = sorted.iter().map(|value| (value - mean).powi(2)).sum();
        Self { n: sorted.len(), median: sorted.get(sorted.len() / 2).copied(), squares }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Factor;

    /// Twenty models of rising level; hard tasks lie at 0.2, easy ones at 0.7; the last task is hard and nobody but the best
    /// two were tried on it.
    fn table(results: usize) -> (Array2<f32>, Array2<bool>, Vec<Task>) {
        let kinds = ["hard", "hard", "easy", "easy", "hard"];
        let centre = |kind: &str| if kind == "hard" { 0.2 } else { 0.7 };
        let values = Array2::from_shape_fn((20, 5), |(row, k)| centre(kinds[k]) + 0.01 * (row as f32 - 9.5));
        let known = Array2::from_shape_fn((20, 5), |(row, k)| k < 4 || row >= 20 - results);
        let task = |kind: &&str| {
            let mut task = Task::score(*kind, None);
            task.factors.insert("kind".to_owned(), Factor::Text((*kind).to_owned()));
            task
        };
        (values, known, kinds.iter().map(task).collect())
    }

    #[test]
    fn a_task_with_few_results_lies_where_its_likes_and_the_level_of_its_models_say() {
        // The median of the two results is 0.29.
        for (results, within) in [(0, 0.02), (2, 0.035)] {
            let (values, known, tasks) = table(results);
            let (scale, _) = Scale::of(values, &known, &[Link::Identity; 5], &tasks);
            assert!((scale.centre[4] - 0.2).abs() < within, "{results}: {:?}", scale.centre);
            assert!(scale.doubt[4] > 0.0 && scale.doubt[..4] == [0.0; 4], "{:?}", scale.doubt);
        }
        let doubt = |results| {
            let (values, known, tasks) = table(results);
            Scale::of(values, &known, &[Link::Identity; 5], &tasks).0.doubt[4]
        };
        assert!(doubt(2) < 0.6 * doubt(0) && doubt(8) == 0.0);
    }

    #[test]
    fn a_complete_table_has_its_medians_and_deviations() {
        let values = Array2::from_shape_fn((20, 1), |(row, _)| (row % 4) as f32);
        let known = Array2::from_elem((20, 1), true);
        let (scale, standard) = Scale::of(values, &known, &[Link::Identity], &[Task::score("a", None)]);
        assert_eq!((scale.centre[0], scale.doubt[0]), (2.0, 0.0));
        assert!((scale.spread[0] - 1.25f32.sqrt()).abs() < 1e-6);
        assert!((standard[[3, 0]] - 1.0 / 1.25f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn the_fewer_the_models_the_more_is_left_to_what_is_usual() {
        let of = |rows: usize| {
            let values = Array2::from_elem((rows, 1), 0.5);
            Scale::of(values, &Array2::from_elem((rows, 1), true), &[Link::Identity], &[Task::score("a", None)]).0
        };
        let (one, ten, many) = (of(1), of(10), of(20));
        assert!(one.spread[0] > 0.17 && one.spread[0] > ten.spread[0] && ten.spread[0] > 0.05, "{one:?} {ten:?}");
        assert!(one.doubt[0] > 1.4 && one.doubt[0] > ten.doubt[0] && many.doubt[0] == 0.0, "{ten:?} {many:?}");
    }
}
