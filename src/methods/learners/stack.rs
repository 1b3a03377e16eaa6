//! The shares of the members of the ensemble in a forecast, by what each said of training models that it had not seen
//! (stacked generalisation: Wolpert 1992).

/// What the members say of a training model, and what came of it.
#[derive(Debug, Clone)]
pub(in crate::methods) struct Said {
    /// NaN where it is not known. (n_outputs)
    pub(in crate::methods) truth: Vec<f32>,
    /// (n_members, n_outputs)
    pub(in crate::methods) members: Vec<Vec<f32>>,
}

/// Shares that are tried, in steps of one over this.
const STEPS: usize = 20;
/// Forecasts that all outputs together weigh, beside an output's own.
const COMMON: f32 = 100.0;

/// Shares of the members by output; each output's add up to 1. (n_outputs, n_members)
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::methods) struct Stack {
    pub(in crate::methods) shares: Vec<Vec<f32>>,
}

impl Stack {
    /// The shares with the least error on these, each output's drawn to those that serve all of them best.
    pub(in crate::methods) fn learn(said: &[Said]) -> Self {
        let Some(first) = said.first() else { return Self::default() };
        let tried = divisions(first.members.len());
        let errors: Vec<Vec<f32>> = (0..first.truth.len()).map(|k| errors(said, k, &tried)).collect();
        let known = |k: usize| said.iter().filter(|said| !said.truth[k].is_nan()).count() as f32;
        let all = (0..errors.len()).map(known).sum::<f32>().max(1.0);
        let common = |at: usize| errors.iter().map(|errors| errors[at]).sum::<f32>() * COMMON / all;
        let common: Vec<f32> = (0..tried.len()).map(common).collect();
        let shares = |errors: &Vec<f32>| {
            let error = |at: usize| errors[at] + common[at];
            let best = (0..tried.len()).min_by(|&a, &b| error(a).total_cmp(&error(b))).unwrap_or(0);
            tried[best].clone()
        };
        Self { shares: errors.iter().map(shares).collect() }
    }

    /// Half of these shares and half of those: how members compare differs from time to time, and few times are known.
    pub(in crate::methods) fn towards(mut self, usual: &[f32]) -> Self {
        let halve = |shares: &mut Vec<f32>| shares.iter_mut().zip(usual).for_each(|(s, usual)| *s = 0.5 * (*s + usual));
        self.shares.iter_mut().for_each(halve);
        self
    }

    /// The forecast of an output from those of the members. members: (n_members, n_outputs)
    pub(in crate::methods) fn of(&self, k: usize, members: &[Vec<f32>]) -> f32 {
        self.shares[k].iter().zip(members).map(|(share, member)| share * member[k]).sum()
    }
}

/// All ways to divide a whole among members in steps, the first member's share falling.
fn divisions(members: usize) -> Vec<Vec<f32>> {
    let mut parts = vec![Vec::new()];
    for _ in 1..members {
        let longer = |part: Vec<usize>| {
            let left = STEPS - part.iter().sum::<usize>();
            (0..=left).rev().map(move |next| [part.as_slice(), &[next]].concat())
        };
        parts = parts.into_iter().flat_map(longer).collect();
    }
    let shares = |part: Vec<usize>| {
        let rest = STEPS - part.iter().sum::<usize>();
        part.into_iter().chain([rest]).map(|steps| steps as f32 / STEPS as f32).collect()
    };
    parts.into_iter().map(shares).collect()
}

/// Sums of the errors of an output with each of the shares that are tried.
fn errors(said: &[Said], k: usize, tried: &[Vec<f32>]) -> Vec<f32> {
    let said: Vec<&Said> = said.iter().filter(|said| !said.truth[k].is_nan()).collect();
    let error = |shares: &Vec<f32>| {
        let forecast = |said: &Said| shares.iter().zip(&said.members).map(|(s, member)| s * member[k]).sum::<f32>();
        said.iter().map(|said| cost(said.truth[k] - forecast(said))).sum()
    };
    tried.iter().map(error).collect()
}

/// Between the absolute error, which a median serves best, and the squared one, which counts evaluations that failed.
fn cost(missed: f32) -> f32 {
    missed.abs() + 0.5 * missed * missed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(n: usize, members: &[fn(f32) -> f32]) -> Vec<Said> {
        let truth = |at: usize| (at * 37 % 101) as f32 / 50.0 - 1.0;
        let one = |at: usize| Said {
            truth: vec![truth(at)],
            members: members.iter().map(|member| vec![member(truth(at))]).collect(),
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn what_is_right_is_followed_and_errors_that_cancel_are_shared() {
        assert_eq!(Stack::learn(&said(200, &[|y| y, |_| 0.0])).shares, [[1.0, 0.0]]);
        assert_eq!(Stack::learn(&said(200, &[|_| 0.0, |y| y])).shares, [[0.0, 1.0]]);
        assert_eq!(Stack::learn(&said(200, &[|y| y + 0.2, |y| y - 0.2])).shares, [[0.5, 0.5]]);
        assert_eq!(Stack::learn(&said(200, &[|y| y + 0.2, |_| 0.0, |y| y - 0.2])).shares, [[0.5, 0.0, 0.5]]);
    }

    #[test]
    fn an_output_with_nothing_observed_takes_what_serves_the_others() {
        let mut both = said(200, &[|_| 0.0, |y| y]);
        for said in &mut both {
            said.truth.push(f32::NAN);
            said.members.iter_mut().for_each(|member| member.push(0.0));
        }
        assert_eq!(Stack::learn(&both).shares, [[0.0, 1.0], [0.0, 1.0]]);
    }
}
