//! Known scores as they are written become shares of the range of their task. Each score stands by itself: its unit is
//! that of its sign `%`, or else that of the task in the snapshot.

use super::Recommender;
use crate::error::{Error, Result, Warning};
use crate::formats::{KnownScore, Unused};
use crate::linalg::print_number;
use crate::snapshot::{Range, Results, TaskIndex, canonical_task, check_value, looks_like_fraction};

/// Scores by task id, as 0..1 of the range, and remarks on their units.
type Shares = (Vec<(String, f32)>, Vec<Warning>);

impl Recommender {
    /// Converts typed scores to (task id, 0..1 of the range), with warnings about units in doubt.
    ///
    /// # Errors
    /// If a task is unknown or a score lies outside of its range.
    pub fn typed_scores(&self, typed: &[KnownScore]) -> Result<Shares> {
        let mut shares = Shares::default();
        for known in typed {
            let TaskIndex(task) = self.snapshot.task(&known.task)?;
            let convert = self.convert(task as usize, known, &mut shares);
            convert.map_err(|why| Error::input(format!("the known score of \"{}\": {why}", known.task)))?;
        }
        Ok(shares)
    }

    /// The listed scores whose task and metric this snapshot has, as (task id, 0..1 of the range), with a warning that
    /// lists the others, and warnings about units in doubt. The first score of a task counts.
    #[must_use]
    pub fn usable_scores(&self, listed: &[KnownScore]) -> Shares {
        let (mut shares, mut unused) = (Shares::default(), Unused::default());
        // Raw and normalised scores are never mixed; a file without a metric doesn't distinguish them.
        let normalized = |metric: &Option<String>| metric.as_deref() == Some("normalized_score");
        for known in listed {
            let Some(at) = self.task_of(known) else {
                unused.add(&known.task, "no such task here");
                continue;
            };
            let task = &self.snapshot.tasks[at];
            if normalized(&task.metric) != normalized(&known.metric) {
                unused.add(&known.task, "another metric");
            } else if shares.0.iter().any(|(id, _)| *id == task.id) {
                unused.add(&known.task, "the first score of the task counts");
            } else if let Err(why) = self.convert(at, known, &mut shares) {
                unused.add(&known.task, &why);
            }
        }
        shares.1.extend(unused.warning());
        shares
    }

    /// The task of a listed score. The score of a part of a dataset is never that of the whole.
    fn task_of(&self, known: &KnownScore) -> Option<usize> {
        let KnownScore { task, dataset, subset, metric, .. } = known;
        let by_name = |name: &str| self.snapshot.task(name).ok().map(|TaskIndex(task)| task as usize);
        let dataset = dataset.as_deref().unwrap_or_default();
        let Some(subset) = subset else {
            // Only the board's cards name the whole dataset in words of their own.
            return by_name(task).or_else(|| metric.as_ref().and_then(|_| by_name(dataset)));
        };
        let [task_name, dataset_name, subset_name] = [task, dataset, subset].map(canonical_task);
        let by_part = self.snapshot.tasks.iter().position(|task| {
            let part = task.subset.as_deref().map(canonical_task);
            part.is_some_and(|part| part == subset_name || part == task_name)
                && canonical_task(&task.dataset) == dataset_name
        });
        by_part.or_else(|| by_name(task)).or_else(|| by_name(&format!("{dataset}_{subset}")))
    }

    /// Adds a score as a share of the range of its task, with a remark if its unit is in doubt; else the reason why it
    /// is no score of the task.
    fn convert(&self, at: usize, known: &KnownScore, (shares, remarks): &mut Shares) -> Result<(), String> {
        let task = &self.snapshot.tasks[at];
        let mut remark = |text: String| remarks.push(Warning::new(format!("{}: {text}", task.id)));
        let value = known.value;
        let [written, hundredfold] = [value, (value * 1e8).round() / 1e6].map(print_number);
        let in_percent = task.range == Some(Range::PERCENT);
        let share = if !in_percent && task.range != Some(Range::FRACTION) {
            if known.percent {
                return Err(format!("its scores are no percentages, found {written}%"));
            }
            let (score, scale) = (value as f32, self.visible.ranges[at]);
            if task.range.is_some() || score.is_nan() {
                check_value(task.range, score).map_err(|error| error.message().to_owned())?;
            }
            // `f32::clamp` can panic with a printed number, which takes 14 KB of wasm.
            let nearest = score.max(scale.low).min(scale.high);
            if nearest != score {
                let [low, high, nearest] = [scale.low, scale.high, nearest].map(print_number);
                remark(format!(
                    "{written} lies outside of the measured scores, {low} to {high}, and counts as {nearest}"
                ));
            }
            scale.normalise(nearest)
        } else if !(0.0..=100.0).contains(&value) {
            let sign = if known.percent { "%" } else { "" };
            return Err(format!("expected 0 to 100, found {written}{sign}"));
        } else if known.percent || value > 1.0 {
            (value / 100.0) as f32
        } else if !in_percent || value == 0.0 {
            value as f32
        } else if looks_like_fraction(&self.measured_scores(at))(value as f32) {
            remark(format!("{written} was read as {hundredfold} %; write {written}% if that is meant"));
            value as f32
        } else {
            remark(format!(
                "{written} was read as {written} %, the unit of the task; write {hundredfold}% if that is meant"
            ));
            (value / 100.0) as f32
        };
        shares.push((task.id.clone(), share));
        Ok(())
    }

    /// The measured scores of a task in its units.
    fn measured_scores(&self, task: usize) -> Vec<f32> {
        match &self.snapshot.results {
            Results::Scores(scores) => scores.column(task).map(|(_, value)| value).collect(),
            Results::Outcomes(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, GivenScores, Source, import, read_scores};
    use crate::methods::{Method, Silent};
    use crate::recommend::TrainOptions;

    const TABLE: &str = "model,mmlu,low,gpqa_diamond,\"elo rating\",x spearman\n\
        a/a,45.1,0.4,20.5,1000,-0.5\na/b,65.1,30,30.5,1250,0.5\na/c,55,60,40.5,1500,0.25\n";

    fn trained(text: &str) -> Recommender {
        let file = Source { name: "t.csv", bytes: text.as_bytes(), optional: false };
        let snapshot = import(&[file], &Companions::default()).unwrap().snapshot;
        let options = TrainOptions { method: Method::Mean, ..TrainOptions::default() };
        pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
    }

    /// The shares in units of 1e-4, and the warnings.
    fn plain((shares, warnings): Shares) -> (Vec<(String, i32)>, Vec<String>) {
        let shares = shares.into_iter().map(|(task, share)| (task, (1e4 * share).round() as i32));
        (shares.collect(), warnings.into_iter().map(|warning| warning.message).collect())
    }

    fn typed(recommender: &Recommender, text: &str) -> Result<(i32, Vec<String>), String> {
        let Ok(GivenScores::Typed(scores)) = read_scores("x", text) else { panic!("{text}") };
        let (shares, warnings) = plain(recommender.typed_scores(&scores).map_err(|error| error.to_string())?);
        Ok((shares[0].1, warnings))
    }

    #[test]
    fn a_typed_score_is_in_the_unit_of_its_task() {
        let recommender = trained(TABLE);
        for (text, share, warning) in [
            ("mmlu=45%", 4500, ""),
            ("mmlu=0.5%", 50, ""),
            ("mmlu=45", 4500, ""),
            ("mmlu=0", 0, ""),
            ("mmlu=0.55", 5500, "mmlu: 0.55 was read as 55 %; write 0.55% if that is meant"),
            ("mmlu=0.01", 1, "mmlu: 0.01 was read as 0.01 %, the unit of the task; write 1% if that is meant"),
            ("elo rating=1250", 5000, ""),
            (
                "elo rating=900",
                0,
                "elo rating: 900 lies outside of the measured scores, 1000 to 1500, and counts as 1000",
            ),
            ("x spearman=-0.5", 2500, ""),
        ] {
            let warnings: &[&str] = if warning.is_empty() { &[] } else { &[warning] };
            let expected = (share, warnings.iter().map(|&line| line.to_owned()).collect());
            assert_eq!(typed(&recommender, text), Ok(expected), "{text}");
        }
        for (text, error) in [
            ("mmlu=430", "the known score of \"mmlu\": expected 0 to 100, found 430"),
            ("mmlu=-1", "the known score of \"mmlu\": expected 0 to 100, found -1"),
            ("mmlu=101%", "the known score of \"mmlu\": expected 0 to 100, found 101%"),
            ("elo rating=45%", "the known score of \"elo rating\": its scores are no percentages, found 45%"),
            ("x spearman=45", "the known score of \"x spearman\": expected -1 to 1, found 45"),
        ] {
            assert_eq!(typed(&recommender, text), Err(error.to_owned()), "{text}");
        }
        let message = typed(&recommender, "wild=1").unwrap_err();
        assert!(message.starts_with("no task \"wild\" here"), "{message}");
    }

    #[test]
    fn fractions_and_percentages_of_a_task_in_fractions_are_beyond_doubt() {
        let recommender = trained("model,x,y\na/a,0.2,0.4\na/b,0.3,0.5\n");
        for (text, share) in [("x=0.25", 2500), ("x=1", 10000), ("x=1.5", 150), ("x=25", 2500), ("x=1%", 100)] {
            assert_eq!(typed(&recommender, text), Ok((share, Vec::new())), "{text}");
        }
        assert!(typed(&recommender, "x=101").is_err());
    }

    fn listed(recommender: &Recommender, text: &str) -> (Vec<(String, i32)>, Vec<String>) {
        let Ok(GivenScores::Listed(scores, _)) = read_scores("x", text) else { panic!("{text}") };
        plain(recommender.usable_scores(&scores))
    }

    #[test]
    fn a_listed_score_counts_for_its_own_task_only() {
        let recommender = trained(TABLE);
        let (scores, warnings) = listed(
            &recommender,
            "- {dataset: {id: a/gpqa, task_id: gpqa_diamond}, value: 41.2}
- {dataset: {id: a/gpqa, task_id: diamond}, value: 30}
- {dataset: {id: a/mmlu, task_id: law}, value: 30}
- {dataset: {id: a/gpqa}, value: 30}
- {dataset: {id: a/mmlu}, value: 430}
- {dataset: {id: a/mmlu}, value: 0.5}
",
        );
        assert_eq!(scores, [("gpqa_diamond".to_owned(), 4120), ("mmlu".to_owned(), 5000)]);
        let unused = "known scores not used: gpqa diamond (the first score of the task counts); mmlu law, gpqa (no such \
            task here); mmlu (expected 0 to 100, found 430)";
        assert_eq!(warnings, ["mmlu: 0.5 was read as 50 %; write 0.5% if that is meant", unused]);
    }

    #[test]
    fn a_part_is_found_by_its_dataset_and_subset() {
        let mut recommender = trained(TABLE);
        let task = &mut recommender.snapshot.tasks[1];
        (task.dataset, task.subset) = ("MMLU-Pro".to_owned(), Some("Law".to_owned()));
        let text = "- {dataset: {id: a/mmlu_pro, config: law}, value: 41.2}\n- {dataset: {id: a/mmlu_pro}, value: 5}\n";
        let (scores, warnings) = listed(&recommender, text);
        assert_eq!(scores, [("low".to_owned(), 4120)]);
        assert_eq!(warnings, ["known scores not used: mmlu_pro (no such task here)"]);
    }
}
