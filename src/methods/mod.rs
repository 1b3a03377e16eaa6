//! The prediction methods behind the trait [`Fitted`]. A family of methods has a folder; a method of one file is a file.
//!
//! Within this folder imports name the module that defines the item; the re-exports below are for the rest of the crate and
//! its users.

mod baselines;
mod data;
mod eyas;
mod factors;
mod families;
mod fitted;
mod inheritance;
mod irt;
mod learners;
mod lrmf;
mod method;
mod mf;
mod network;
mod ranker;
mod related_tasks;
mod relatives;
mod trainer;
mod training;
mod unknowns;

pub use baselines::scaling_law::{Curve, NoCurve, ScalingLaw};
pub use data::{NewModel, Target, TrainingData, VisibleCells};
pub use eyas::Eyas;
pub(crate) use factors::words::words;
pub(crate) use families::family_of_target;
pub(crate) use fitted::HALF_WIDTH;
pub use fitted::{Asked, Fitted, Forecast, Match, Tensor};
pub use irt::config::IrtConfig;
pub use irt::model::{Estimate, Irt, IrtItem};
pub use lrmf::config::{LrmfConfig, Solver};
pub use lrmf::model::Lrmf;
pub use lrmf::training::LrmfTraining;
pub use method::{Method, Part, Settings, Use};
pub use mf::config::{MfConfig, MfLoss, MfSolver};
pub use mf::model::Mf;
pub use network::config::NcfConfig;
pub use network::mlp::{Mlp, MlpBuffers};
pub use network::model::Ncf;
pub use network::training::NcfTraining;
pub use ranker::config::RankerConfig;
pub(crate) use ranker::features::{OF_MODELS, OF_TASKS};
pub use ranker::model::Ranker;
pub(crate) use ranker::probe::ProbeGroup;
pub(crate) use ranker::space::{Space, text_space};
pub use trainer::{Here, Recipe, Trainer};
pub use training::optimise::{BoxFuture, Observer, Progress, Silent, TrainingLimits};
pub use unknowns::Unknowns;
