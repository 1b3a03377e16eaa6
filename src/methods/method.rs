//! The methods by name: training and restoring, also for programs that contain only some of them.

use super::baselines::knn::Neighbours;
use super::baselines::relatives_mean::{RelativesMean, Which};
use super::baselines::scaling_law::ScalingLaw;
use super::baselines::{popularity, size};
use super::data::TrainingData;
use super::eyas::{self, Eyas};
use super::fitted::{Fitted, Tensor};
use super::irt::config::IrtConfig;
use super::irt::model::Irt;
use super::lrmf::config::LrmfConfig;
use super::lrmf::model::Lrmf;
use super::mf::model::Mf;
use super::network::config::NcfConfig;
use super::network::model::Ncf;
use super::ranker::config::RankerConfig;
use super::ranker::embedder::Embedder;
use super::ranker::igmc::Igmc;
use super::ranker::model::Ranker;
use super::ranker::nearest_tasks::NearestTasks;
use super::ranker::towers::Form;
use super::ranker::two_tower::TwoTower;
use super::training::optimise::{BoxFuture, Observer};
use crate::device::compute::{Compute, Device};
use crate::error::{Error, Result};
use crate::snapshot::{Results, Snapshot, known_afterwards};
use std::future::ready;
use std::str::FromStr;

/// Information that a method can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Factors of a new model.
    Factors,
    /// Its date.
    Dates,
    /// Its parents.
    Lineage,
    /// The words of its name.
    Names,
    /// Its known scores.
    Scores,
    /// Outcomes of single items, modelled as binary.
    Outcomes,
    /// A GPU.
    Gpu,
}

/// The parts into which a program can be divided, each with only some of the methods: the wasm modules
/// (`xtask/src/modules.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// All methods.
    Whole,
    /// Trains the default method; [`Part::Lrmf`] has factorised the outcomes.
    Trainer,
    /// Trains LRMF.
    Lrmf,
    /// Trains networks.
    Networks,
    /// Trains the ranker and ranks with it.
    Ranker,
    /// Trains all others.
    Methods,
    /// Forecasts by the default method, the methods on lineage, and the simplest baselines.
    Forecast,
    /// Forecasts by all others.
    ForecastMore,
    /// Forecasts by the methods that the analyses train.
    Analyses,
}

/// Settings of a training that differ from the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Settings {
    /// None.
    #[default]
    Usual,
    /// For [`Method::Lrmf`]: the weights of its graphs.
    Penalties {
        /// λ_M, the weight of the lineage graph.
        lineage: f32,
        /// λ_X, the weight of the task graph.
        tasks: f32,
    },
    /// For [`Method::Irt`]: all items share one slope (1PL).
    SharedSlope,
    /// For [`Method::Ranker`]: which of the listwise, pairwise and pointwise losses it has.
    Losses([bool; 3]),
}

/// The factorisation of outcomes for the default method.
type Factorise = for<'a> fn(&'a TrainingData<'a>, &'a mut (dyn Observer + 'a)) -> BoxFuture<'a, Result<Option<Lrmf>>>;

/// The arguments of a training.
struct Order<'a> {
    data: &'a TrainingData<'a>,
    settings: Settings,
    /// For the default method: parameters trained in [`Part::Lrmf`]; without them it factorises outcomes itself, where the
    /// program can.
    factorised: Option<&'a [Tensor]>,
    factorise: Option<Factorise>,
    compute: &'a mut Compute,
    observer: &'a mut dyn Observer,
}

impl Order<'_> {
    fn lrmf_config(&self) -> LrmfConfig {
        let usual = LrmfConfig::for_cells(self.data.cells.count());
        match self.settings {
            Settings::Penalties { lineage, tasks } => LrmfConfig { lineage, tasks, ..usual },
            _ => usual,
        }
    }

    fn irt_config(&self) -> IrtConfig {
        IrtConfig { shared_slope: self.settings == Settings::SharedSlope, ..IrtConfig::default() }
    }

    fn ranker_config(&self) -> RankerConfig {
        let cells = self.data.cells.count();
        match self.settings {
            Settings::Losses(losses) => RankerConfig::with_losses(cells, losses),
            _ => RankerConfig::for_cells(cells),
        }
    }

    async fn eyas(&mut self) -> Result<Eyas> {
        let factorised = match (self.factorised, self.factorise) {
            (Some(tensors), _) => Some(Lrmf::resume(self.data, tensors)?),
            (None, Some(factorise)) => factorise(self.data, self.observer).await?,
            (None, None) => None,
        };
        Eyas::fit_with(self.data, factorised, self.observer).await
    }
}

const fn among(part: u8, parts: &[Part]) -> bool {
    let mut at = 0;
    while at < parts.len() {
        if part == parts[at] as u8 {
            return true;
        }
        at += 1;
    }
    part == Part::Whole as u8
}

macro_rules! methods {
    ($($variant:ident $name:literal $about:literal {
        uses [$($use:ident),*];
        factor |$factor:ident| $plays_a_part:expr;
        trained in $trainer:ident |$order:ident| $fit:expr;
        restored in [$($part:ident),*] |$data:ident, $tensors:ident| $restore:expr;
    })*) => {
        /// The methods.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Method {
            $(#[doc = $about] $variant,)*
        }

        impl Method {
            /// All methods, baselines first.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name that the command line and files use.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Whether it can use this information.
            #[must_use]
            pub fn uses(self, what: Use) -> bool {
                let uses: &[Use] = match self {
                    $(Self::$variant => &[$(Use::$use),*],)*
                };
                uses.contains(&what)
            }

            /// Whether its forecasts of new models depend on the factor of this name; `params`, `tokens` and `family`
            /// include all their spellings.
            #[must_use]
            pub fn uses_factor(self, name: &str) -> bool {
                match self {
                    $(Self::$variant => {
                        let $factor = name;
                        $plays_a_part
                    })*
                }
            }

            /// Trains the method, if this part of the program contains its training. Each method has a future of its own: a
            /// future that awaits all of them would link them all into the program.
            fn fit_in<'a, const PART: u8>(self, order: &'a mut Order<'_>) -> BoxFuture<'a, Result<Box<dyn Fitted>>> {
                match self {
                    $(Self::$variant => {
                        if const { !among(PART, &[Part::$trainer]) } {
                            return Box::pin(ready(Err(self.not_here())));
                        }
                        let $order = order;
                        Box::pin(async move { Ok(Box::new($fit) as Box<dyn Fitted>) })
                    })*
                }
            }

            /// Trains the method and returns its parameters alone, so that the code of its forecasts is not linked.
            fn parameters_in<'a, const PART: u8>(self, order: &'a mut Order<'_>) -> BoxFuture<'a, Result<Vec<Tensor>>> {
                match self {
                    $(Self::$variant => {
                        if const { !among(PART, &[Part::$trainer]) } {
                            return Box::pin(ready(Err(self.not_here())));
                        }
                        let $order = order;
                        Box::pin(async move { Ok($fit.tensors()) })
                    })*
                }
            }

            /// Restores the method, if this part of the program contains its forecasts.
            pub(crate) fn restore_in<const PART: u8>(
                self,
                data: &TrainingData<'_>,
                tensors: &[Tensor],
            ) -> Result<Box<dyn Fitted>> {
                match self {
                    $(Self::$variant => {
                        if const { !among(PART, &[$(Part::$part),*]) } {
                            return Err(self.not_here());
                        }
                        let ($data, $tensors) = (data, tensors);
                        Ok(Box::new($restore))
                    })*
                }
            }
        }
    };
}

include!("table.rs");

impl Method {
    /// The method if none is named.
    pub const DEFAULT: Self = Self::Eyas;

    /// The method for these data if none is named: [`Method::DEFAULT`], or [`Method::Lrmf`] and the reason if the default
    /// would take too much memory.
    #[must_use]
    pub fn standard(snapshot: &Snapshot) -> (Self, Option<String>) {
        let why = match &snapshot.results {
            Results::Scores(scores) => eyas::refusal(scores.rows(), scores.columns()),
            Results::Outcomes(_) => None,
        };
        match why {
            None => (Self::DEFAULT, None),
            Some(why) => (Self::Lrmf, Some(format!("{why}; forecasts come from lrmf instead"))),
        }
    }

    /// Trains the method on these data, on the CPU.
    ///
    /// # Errors
    /// If the data can't be used, or the observer stops the training.
    pub async fn fit(self, data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Box<dyn Fitted>> {
        self.fit_on(&mut Compute::new(Device::Cpu), data, observer).await
    }

    /// [`Method::fit`] on the device of `compute`, which afterwards states the device that was used.
    ///
    /// # Errors
    /// As [`Method::fit`], and if a GPU was requested by name and is not available or not used by the method.
    pub async fn fit_on(
        self,
        compute: &mut Compute,
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Box<dyn Fitted>> {
        self.check_device(compute)?;
        let (settings, factorise) = (Settings::Usual, Some(eyas::factorise as Factorise));
        let mut order = Order { data, settings, factorised: None, factorise, compute, observer };
        self.fit_in::<{ Part::Whole as u8 }>(&mut order).await
    }

    /// The parameters of the method, trained as by [`Method::fit_on`] in one part of a program. The default method needs
    /// `factorised`, the parameters of [`Method::Lrmf`], if the data are outcomes.
    ///
    /// # Errors
    /// As [`Method::fit_on`], and if this part does not contain the training of the method.
    pub(crate) async fn parameters<const PART: u8>(
        self,
        settings: Settings,
        factorised: Option<&[Tensor]>,
        compute: &mut Compute,
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Tensor>> {
        self.check_device(compute)?;
        let mut order = Order { data, settings, factorised, factorise: None, compute, observer };
        self.parameters_in::<PART>(&mut order).await
    }

    /// Restores the trained method from its saved parameters and its training data. Methods without parameters are fitted to
    /// the data again.
    ///
    /// # Errors
    /// If parameters are missing or their shapes do not fit the data.
    pub fn restore(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        self.restore_in::<{ Part::Whole as u8 }>(data, tensors)
    }

    /// [`Method::restore`] for the methods that the analyses train: all except the default one.
    ///
    /// # Errors
    /// As [`Method::restore`], and for the default method.
    pub fn restore_for_analyses(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        self.restore_in::<{ Part::Analyses as u8 }>(data, tensors)
    }

    fn check_device(self, compute: &Compute) -> Result<()> {
        if self.uses(Use::Gpu) { Ok(()) } else { compute.refuse_gpu(self.name()) }
    }

    fn not_here(self) -> Error {
        Error::input(format!("the method {} is in another part of the program", self.name()))
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|method| method.name()).collect();
            Error::input(format!("no method \"{name}\"; there are {}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_method_uses_all_that_is_known_before_an_evaluation() {
        let used = ["params", "active_params", "type", "upload_date", "random_dropping", "colour"];
        assert!(used.iter().all(|name| Method::Eyas.uses_factor(name)));
        assert!(["hearts", "downloads"].iter().all(|name| !Method::Eyas.uses_factor(name)));
        assert!(Method::Knn.uses_factor("colour") && !Method::Knn.uses_factor("hearts"));
    }

    #[test]
    fn what_plays_a_part_belongs_to_factors() {
        for method in Method::ALL {
            let any = ["params", "family", "hearts", "colour"].iter().any(|name| method.uses_factor(name));
            assert_eq!(any, method.uses(Use::Factors), "{}", method.name());
            assert_eq!(method.name().parse::<Method>().unwrap(), method);
        }
    }
}
