//! The rows of a query one by one, as they come.

use crate::engine::Rows;
use crate::failure::Result;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

/// A place in a stream of rows.
pub(crate) struct Cursor {
    rows: Rows,
    batch: Option<RecordBatch>,
    row: usize,
}

impl Cursor {
    pub(crate) fn new(rows: Rows) -> Self {
        Self { rows, batch: None, row: 0 }
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    /// The next batch.
    pub(crate) async fn batch(&mut self) -> Result<Option<RecordBatch>> {
        self.rows.next().await
    }

    /// The next row: a batch and a position in it.
    pub(crate) async fn next(&mut self) -> Result<Option<(RecordBatch, usize)>> {
        self.next_if(|_, _| true).await
    }

    /// The next row, if it is one of those; otherwise it stays the next one.
    pub(crate) async fn next_if(
        &mut self,
        wanted: impl Fn(&RecordBatch, usize) -> bool,
    ) -> Result<Option<(RecordBatch, usize)>> {
        loop {
            match &self.batch {
                Some(batch) if self.row < batch.num_rows() => {
                    if !wanted(batch, self.row) {
                        return Ok(None);
                    }
                    self.row += 1;
                    return Ok(Some((batch.clone(), self.row - 1)));
                }
                _ => match self.batch().await? {
                    Some(batch) => (self.batch, self.row) = (Some(batch), 0),
                    None => return Ok(None),
                },
            }
        }
    }
}
