//! What can go wrong: bad input (exit status 2), or a failure of the work (1).

use datafusion::error::DataFusionError;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// A result of this program.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// An error in one line.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input or an argument is wrong.
    Input(String),
    /// The work failed.
    Work(String),
}

impl Failure {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    pub(crate) fn work(message: impl Into<String>) -> Self {
        Self::Work(message.into())
    }

    /// An error of reading or writing a path.
    pub(crate) fn at(path: &Path, error: &std::io::Error) -> Self {
        Self::Input(format!("{}: {error}", path.display()))
    }

    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Input(_) => 2,
            Self::Work(_) => 1,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Input(message) | Self::Work(message)) = self;
        f.write_str(&message.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        Self::Work(error.strip_backtrace())
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Work(error.to_string())
    }
}

impl From<eyas::error::Error> for Failure {
    fn from(error: eyas::error::Error) -> Self {
        Self::Input(error.to_string())
    }
}
