//! Backtests: results are held out, predicted from the rest, and compared.
