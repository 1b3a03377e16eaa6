//! A row of a table in Parquet as a line of JSON, so that Parquet and JSON lines take one way.

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::DataType;
use arrow::json::LineDelimitedWriter;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

/// `row_json(struct)`: the struct as a JSON object on one line.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct RowJson {
    signature: Signature,
}

impl Default for RowJson {
    fn default() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RowJson {
    fn name(&self) -> &str {
        "row_json"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(rows) = columns.first().and_then(|column| column.as_struct_opt()) else {
            return exec_err!("row_json expects a struct");
        };
        let mut writer = LineDelimitedWriter::new(Vec::new());
        writer.write(&rows.clone().into())?;
        writer.finish()?;
        let text = String::from_utf8(writer.into_inner())
            .map_err(|error| datafusion::error::DataFusionError::External(error.into()))?;
        let lines: StringArray = text.lines().map(Some).collect();
        if lines.len() != rows.len() {
            return exec_err!("row_json wrote {} lines for {} rows", lines.len(), rows.len());
        }
        Ok(ColumnarValue::Array(Arc::new(lines)))
    }
}
