//! The methods by name: trained, restored, and taken apart for programs that hold some of them.

use crate::device::compute::Compute;
use crate::error::{Error, Result};
use crate::methods::baselines::scaling_law::ScalingLaw;
use crate::methods::baselines::{kin, knn, mean, mla, parents, popularity, size};
use crate::methods::data::TrainingData;
use crate::methods::eyas::Eyas;
use crate::methods::eyas::Size;
use crate::methods::fitted::{Fitted, Tensor};
use crate::methods::irt::config::IrtConfig;
use crate::methods::irt::model::Irt;
use crate::methods::lrmf::config::LrmfConfig;
use crate::methods::lrmf::model::Lrmf;
use crate::methods::mf::model::Mf;
use crate::methods::network::config::NcfConfig;
use crate::methods::network::model::Ncf;
use crate::methods::training::optimise::Observer;
use crate::snapshot::Snapshot;
use std::str::FromStr;

/// The methods there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Each task's mean.
    Mean,
    /// A line over the parameter count.
    Size,
    /// A line over hearts or downloads.
    Popularity,
    /// Nearest neighbours on factors.
    Knn,
    /// Mean of the parents.
    Parents,
    /// Mean of parents and siblings.
    Kin,
    /// Model Lineage Averaging.
    Mla,
    /// Lineage-Regularized Matrix Factorization.
    Lrmf,
    /// Matrix factorisation.
    Mf,
    /// Item response theory.
    Irt,
    /// Neural collaborative filtering.
    Ncf,
    /// Neural collaborative filtering with factors.
    NcfFactors,
    /// The same network on factors alone.
    Factors,
    /// A sigmoid in log compute by family and task.
    ScalingLaw,
    /// All that is known together.
    Eyas,
}

impl Method {
    /// All methods, baselines first.
    pub const ALL: [Self; 15] = [
        Self::Mean,
        Self::Size,
        Self::Popularity,
        Self::Knn,
        Self::Parents,
        Self::Kin,
        Self::Mla,
        Self::Lrmf,
        Self::Mf,
        Self::Irt,
        Self::Ncf,
        Self::NcfFactors,
        Self::Factors,
        Self::ScalingLaw,
        Self::Eyas,
    ];

    /// The method that runs where none is named.
    pub const DEFAULT: Self = Self::Eyas;

    /// The method that runs on these data where none is named: [`Method::DEFAULT`], or [`Method::Lrmf`] and the reason where
    /// the default would take too much memory or time.
    #[must_use]
    pub fn standard(snapshot: &Snapshot) -> (Self, Option<String>) {
        match Size::of_snapshot(snapshot).refusal() {
            None => (Self::DEFAULT, None),
            Some(why) => (Self::Lrmf, Some(format!("{why}; forecasts come from lrmf instead"))),
        }
    }

    /// The name that the command line and files use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Size => "size",
            Self::Popularity => "popularity",
            Self::Knn => "knn",
            Self::Parents => "parents",
            Self::Kin => "kin",
            Self::Mla => "mla",
            Self::Lrmf => "lrmf",
            Self::Mf => "mf",
            Self::Irt => "irt",
            Self::Ncf => "ncf",
            Self::NcfFactors => "ncf-factors",
            Self::Factors => "factors",
            Self::ScalingLaw => "scaling-law",
            Self::Eyas => "eyas",
        }
    }

    /// Trains the method on these data.
    ///
    /// # Errors
    /// If the data can't be used, or the observer stops the training.
    pub async fn fit(self, data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Box<dyn Fitted>> {
        Ok(match self {
            Self::Lrmf => Box::new(Lrmf::fit(data, &LrmfConfig::for_cells(data.cells.count()), observer).await?),
            Self::Eyas => Box::new(Eyas::fit(data, observer).await?),
            _ if self.is_main() => self.restore_main(data, &[])?,
            _ => self.fit_other(data, observer).await?,
        })
    }

    /// The trained method back from its saved parameters and the data it was trained on. Methods without parameters are
    /// fitted to the data again.
    ///
    /// # Errors
    /// If parameters are missing or their shapes do not fit the data.
    pub fn restore(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        if self.is_main() { self.restore_main(data, tensors) } else { self.restore_other(data, tensors) }
    }
}

impl Method {
    /// [`Method::fit`] where `compute` says, which then tells where that was.
    ///
    /// # Errors
    /// As [`Method::fit`], and if a GPU was asked for by name and can't be had, or has nothing to do here.
    pub async fn fit_on(
        self,
        compute: &mut Compute,
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Box<dyn Fitted>> {
        if self == Self::Lrmf {
            let config = LrmfConfig::for_cells(data.cells.count());
            return Ok(Box::new(Lrmf::fit_on(compute, data, &config, observer).await?));
        }
        if let Some(config) = self.network() {
            return Ok(Box::new(Ncf::fit_on(compute, data, &config, observer).await?));
        }
        compute.refuse_gpu(self.name())?;
        self.fit(data, observer).await
    }

    /// The settings of a method that is a network.
    fn network(self) -> Option<NcfConfig> {
        match self {
            Self::Ncf => Some(NcfConfig::latent()),
            Self::NcfFactors => Some(NcfConfig::with_factors()),
            Self::Factors => Some(NcfConfig::factors_only()),
            _ => None,
        }
    }
}

/// What a program does in parts. Each function names its own methods alone, so that the linker leaves the others out.
impl Method {
    /// Whether it is one of those that [`Method::restore_main`] restores: the default, those that know lineage, and the
    /// plainest.
    #[must_use]
    pub fn is_main(self) -> bool {
        use Method::{Eyas, Kin, Lrmf, Mean, Mla, Parents, Popularity, Size};
        matches!(self, Mean | Size | Popularity | Parents | Kin | Mla | Lrmf | Eyas)
    }

    pub(crate) fn restore_main(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        if self == Self::Eyas { Ok(Box::new(Eyas::restore(data, tensors)?)) } else { self.restore_plain(data, tensors) }
    }

    fn restore_plain(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        Ok(match self {
            Self::Mean => Box::new(mean::TaskMean::fit(data)),
            Self::Size => Box::new(size::fit(data)),
            Self::Popularity => Box::new(popularity::fit(data)),
            Self::Parents => Box::new(parents::Parents::fit(data)),
            Self::Kin => Box::new(kin::Kin::fit(data)),
            Self::Mla => Box::new(mla::Mla::fit(data)),
            Self::Lrmf => Box::new(Lrmf::restore(data, tensors)?),
            _ => return Err(self.not_here()),
        })
    }

    pub(crate) fn restore_other(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        Ok(match self {
            Self::Knn => Box::new(knn::Neighbours::fit(data)),
            Self::Mf => Box::new(Mf::restore(data, tensors)?),
            Self::Irt => Box::new(Irt::restore(data, tensors)?),
            Self::Ncf => Box::new(Ncf::restore(data, &NcfConfig::latent(), tensors)?),
            Self::NcfFactors => Box::new(Ncf::restore(data, &NcfConfig::with_factors(), tensors)?),
            Self::Factors => Box::new(Ncf::restore(data, &NcfConfig::factors_only(), tensors)?),
            Self::ScalingLaw => Box::new(ScalingLaw::fit(data)),
            _ => return Err(self.not_here()),
        })
    }

    /// [`Method::restore`] for all methods but the default one.
    ///
    /// # Errors
    /// As [`Method::restore`], and for the default method.
    pub fn restore_any_but_default(self, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Box<dyn Fitted>> {
        if self.is_main() { self.restore_plain(data, tensors) } else { self.restore_other(data, tensors) }
    }

    /// [`Method::fit`] of a method that [`Method::restore_main`] does not restore.
    ///
    /// # Errors
    /// As [`Method::fit`], and for the other methods.
    pub(crate) async fn fit_other(
        self,
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Box<dyn Fitted>> {
        Ok(match self {
            Self::Mf => Box::new(Mf::choose(data, observer).await?),
            Self::Irt => Box::new(Irt::fit(data, &IrtConfig::default(), observer).await?),
            Self::Ncf => Box::new(Ncf::fit(data, &NcfConfig::latent(), observer).await?),
            Self::NcfFactors => Box::new(Ncf::fit(data, &NcfConfig::with_factors(), observer).await?),
            Self::Factors => Box::new(Ncf::fit(data, &NcfConfig::factors_only(), observer).await?),
            _ => self.restore_other(data, &[])?,
        })
    }

    fn not_here(self) -> Error {
        Error::input(format!("the method {} is in another part of the program", self.name()))
    }

    /// The parameters of the default method; of outcomes it needs those of [`Method::Lrmf`].
    pub(crate) async fn default_parameters(
        data: &TrainingData<'_>,
        lrmf: Option<&[Tensor]>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Tensor>> {
        let factorisation = lrmf.map(|tensors| Lrmf::resume(data, tensors)).transpose()?;
        Ok(Eyas::fit_with(data, factorisation, observer).await?.tensors())
    }

    /// The parameters of [`Method::Lrmf`], trained where `compute` says, with its own penalties or these λ_M and λ_X.
    pub(crate) async fn lrmf_parameters(
        compute: &mut Compute,
        data: &TrainingData<'_>,
        penalties: Option<[f32; 2]>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Tensor>> {
        let mut config = LrmfConfig::for_cells(data.cells.count());
        if let Some([lineage, tasks]) = penalties {
            config = LrmfConfig { lineage, tasks, ..config };
        }
        Ok(Lrmf::fit_on(compute, data, &config, observer).await?.tensors())
    }

    /// The parameters of a network, trained where `compute` says.
    pub(crate) async fn network_parameters(
        self,
        compute: &mut Compute,
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Tensor>> {
        let config = self.network().ok_or_else(|| self.not_here())?;
        Ok(Ncf::fit_on(compute, data, &config, observer).await?.tensors())
    }

    /// The parameters of another method. Some have none: what they know is in the data. `shared_slope` is for [`Method::Irt`].
    pub(crate) async fn other_parameters(
        self,
        data: &TrainingData<'_>,
        shared_slope: bool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Tensor>> {
        Ok(match self {
            Self::Mf => Mf::choose(data, observer).await?.tensors(),
            Self::Irt => Irt::fit(data, &IrtConfig { shared_slope, ..IrtConfig::default() }, observer).await?.tensors(),
            Self::Eyas | Self::Lrmf | Self::Ncf | Self::NcfFactors | Self::Factors => return Err(self.not_here()),
            _ => Vec::new(),
        })
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
