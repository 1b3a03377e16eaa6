//! `bench default`: how time and memory of the default method grow with the numbers of models and tasks. Each case runs in a
//! process of its own, on one thread, so that its peak memory is its own.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xshell::{Shell, cmd};

/// Models, tasks, and the share of known cells.
#[derive(Clone, Copy)]
struct Case(usize, usize, f64);

/// Cases that differ in one number.
struct Series {
    title: &'static str,
    grows: fn(&Case) -> usize,
    cases: &'static [Case],
}

const SERIES: [Series; 2] = [
    Series {
        title: "models",
        grows: |case| case.0,
        cases: &[
            Case(500, 5, 1.0),
            Case(1_000, 5, 1.0),
            Case(2_000, 5, 1.0),
            Case(4_500, 5, 1.0),
            Case(10_000, 5, 1.0),
        ],
    },
    Series {
        title: "tasks",
        grows: |case| case.1,
        cases: &[Case(300, 5, 0.3), Case(300, 20, 0.3), Case(300, 80, 0.3), Case(300, 320, 0.3)],
    },
];

/// Sizes that real boards have, or are said to be too large.
const LARGE: [Case; 4] = [Case(641, 324, 0.07), Case(662, 1_554, 0.09), Case(100_000, 5, 1.0), Case(40, 20_000, 1.0)];

/// What a training and a forecast cost.
struct Cost {
    seconds: f64,
    ms_per_forecast: f64,
    peak_mb: Option<f64>,
    added_mb: Option<f64>, // by the training
}

/// Runs the cases, of `--large` also the large ones, and prints the costs and the exponents of their growth.
pub(crate) fn growth(sh: &Shell, large: bool) -> Result<()> {
    cmd!(sh, "cargo build --release --bin eyas").run()?;
    println!("The default method on made-up boards, one thread, each case in its own process");
    for Series { title, grows, cases } in SERIES {
        println!("\nGrowth with {title}\n{HEAD}");
        let costs = cases.iter().map(|case| run(sh, *case)).collect::<Result<Vec<_>>>()?;
        let taken: Vec<(f64, Cost)> =
            cases.iter().zip(costs).filter_map(|(case, cost)| Some((grows(case) as f64, cost?))).collect();
        let line = |what: &str, of: fn(&Cost) -> Option<f64>| {
            let points: Vec<_> = taken.iter().filter_map(|(size, cost)| Some((*size, of(cost)?))).collect();
            slope(&points).map_or(format!("{what} –"), |slope| format!("{what} ~ {title}^{slope:.2}"))
        };
        let time = line("time of training", |cost| Some(cost.seconds));
        let memory = line("memory of training", |cost| cost.added_mb);
        println!("{time}, {memory}, {}", line("time of a forecast", |cost| Some(cost.ms_per_forecast)));
    }
    if large {
        println!("\nLarge boards\n{HEAD}");
        for case in LARGE {
            run(sh, case)?;
        }
    }
    Ok(())
}

const HEAD: &str = "  models    tasks   known   training s   peak MB   forecast ms";

/// Runs one case and prints its row. `None`: the method refuses a board of this size, or the process died.
fn run(sh: &Shell, Case(models, tasks, known): Case) -> Result<Option<Cost>> {
    let sizes = [models.to_string(), tasks.to_string(), known.to_string()];
    let [models, tasks, share] = &sizes;
    let output = Command::new(sh.current_dir().join("target/release/eyas"))
        .args(["bench", "default", "--json", "--device", "cpu"])
        .args(["--models", models, "--tasks", tasks, "--known", share])
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .context("cannot start eyas")?;
    let row = format!("{models:>8} {tasks:>8} {:>5} %", (100.0 * known).round());
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().last().unwrap_or_default();
    match output.status.code() {
        Some(0) => {}
        Some(2) => {
            println!("{row}   refused: {}", why.trim_start_matches("eyas: ").trim_start_matches("error: "));
            return Ok(None);
        }
        _ => {
            println!("{row}   failed ({}): {why}", output.status);
            return Ok(None);
        }
    }
    let report: Value = serde_json::from_slice(&output.stdout).context("eyas bench printed no JSON")?;
    let number = |key: &str| report[key].as_f64();
    let cost = Cost {
        seconds: number("seconds").context("eyas bench printed no time")?,
        ms_per_forecast: number("ms_per_forecast").context("eyas bench printed no time of a forecast")?,
        peak_mb: number("peak_mb"),
        added_mb: number("peak_mb").zip(number("before_mb")).map(|(peak, before)| peak - before),
    };
    let peak = cost.peak_mb.map_or("–".to_owned(), |peak| format!("{peak:.0}"));
    println!("{row} {:>12.2} {peak:>9} {:>13.2}", cost.seconds, cost.ms_per_forecast);
    Ok(Some(cost))
}

/// The slope of the logarithms by least squares: the exponent of a power law. `None` for fewer than two points above 0.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> =
        points.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0).map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let (x_mean, y_mean) = logs.iter().fold((0.0, 0.0), |(x, y), log| (x + log.0 / n, y + log.1 / n));
    let along: f64 = logs.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let across: f64 = logs.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    (across > 0.0).then(|| along / across)
}

/// Whether the arguments of `bench` ask for this, and for the large boards, too.
pub(crate) fn asked(arguments: &[String]) -> Result<Option<bool>> {
    let [first, rest @ ..] = arguments else { return Ok(None) };
    if first != "default" || rest.iter().any(|argument| argument == "--models") {
        return Ok(None); // one case, by eyas itself
    }
    ensure!(
        rest.iter().all(|argument| argument == "--large"),
        "bench default takes --large, or the sizes of one board: --models N --tasks M [--known F]"
    );
    Ok(Some(!rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_the_exponent_of_a_power_law() {
        let points: Vec<(f64, f64)> = [500.0, 1000.0, 4500.0].map(|n: f64| (n, 3.0 * n.powf(2.5))).into();
        assert!((slope(&points).unwrap() - 2.5).abs() < 1e-9);
        // By hand: logs (0, 0), (1, 2), (2, 1).
        let e = std::f64::consts::E;
        assert!((slope(&[(1.0, 1.0), (e, e * e), (e * e, e)]).unwrap() - 0.5).abs() < 1e-9);
        assert!(slope(&[(5.0, 1.0)]).is_none() && slope(&[]).is_none());
    }

    #[test]
    fn one_board_goes_to_eyas_itself() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(asked(&words("default")).unwrap(), Some(false));
        assert_eq!(asked(&words("default --large")).unwrap(), Some(true));
        assert_eq!(asked(&words("default --models 500 --tasks 5")).unwrap(), None);
        assert_eq!(asked(&words("lrmf --dim 16")).unwrap(), None);
        assert!(asked(&words("default --larg")).is_err());
    }
}
