//! Predicts how a language model will score on benchmarks before anyone has evaluated it.
//!
//! ```
//! use eyas::formats::{Companions, Source, import};
//! use eyas::methods::{Method, Silent};
//! use eyas::recommend::{RankRequest, Recommender, TrainOptions};
//!
//! let bytes = b"model,reading,maths\norg/a,0.5,0.4\norg/b,0.6,0.5\norg/c,0.7,\n";
//! let snapshot = import(&[Source { name: "scores.csv", bytes, optional: false }], &Companions::default())?.snapshot;
//! let options = TrainOptions { method: Method::Mf, ..TrainOptions::default() };
//! let model = pollster::block_on(Recommender::train(snapshot, &options, &mut Silent))?;
//! let ranking = model.rank(&RankRequest { task: "maths".to_owned(), ..RankRequest::default() })?;
//! assert!(ranking.models.iter().any(|ranked| ranked.id == "org/c" && ranked.predicted));
//! # Ok::<(), eyas::error::Error>(())
//! ```

pub mod backtest;
pub mod card;
mod decide;
pub mod device;
pub mod error;
pub mod formats;
pub mod linalg;
pub mod lineage;
pub mod methods;
pub mod metrics;
pub mod recommend;
pub mod snapshot;
