//! The columns of a batch by name. The plan fixes their types.

use arrow::array::{
    Array, AsArray, BooleanArray, Float32Array, Int32Array, Int64Array, ListArray, StringArray, UInt32Array,
};
use arrow::datatypes::{Float32Type, Int32Type, Int64Type, UInt32Type};
use arrow::record_batch::RecordBatch;

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    batch[name].as_ref()
}

pub(crate) fn text<'a>(batch: &'a RecordBatch, name: &str) -> &'a StringArray {
    column(batch, name).as_string::<i32>()
}

pub(crate) fn int32<'a>(batch: &'a RecordBatch, name: &str) -> &'a Int32Array {
    column(batch, name).as_primitive::<Int32Type>()
}

pub(crate) fn int64<'a>(batch: &'a RecordBatch, name: &str) -> &'a Int64Array {
    column(batch, name).as_primitive::<Int64Type>()
}

pub(crate) fn uint32<'a>(batch: &'a RecordBatch, name: &str) -> &'a UInt32Array {
    column(batch, name).as_primitive::<UInt32Type>()
}

pub(crate) fn float32<'a>(batch: &'a RecordBatch, name: &str) -> &'a Float32Array {
    column(batch, name).as_primitive::<Float32Type>()
}

pub(crate) fn flag<'a>(batch: &'a RecordBatch, name: &str) -> &'a BooleanArray {
    column(batch, name).as_boolean()
}

pub(crate) fn list<'a>(batch: &'a RecordBatch, name: &str) -> &'a ListArray {
    column(batch, name).as_list::<i32>()
}

/// The text of a row, if it has one.
pub(crate) fn some(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}
