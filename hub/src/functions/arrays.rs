//! Values of Rust as arrays of Arrow: each type of value makes an array, and a row a struct with an array for each field.

use arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, ListArray, StringArray, UInt32Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef};
use std::sync::Arc;

/// A type whose values make an array.
pub(super) trait Element: Sized + 'static {
    fn data_type() -> DataType;

    fn array(values: Vec<&Self>) -> ArrayRef;
}

/// Implements [`Element`] for types whose values an array collects.
macro_rules! values {
    ($($kind:ty, $array:ty, $data_type:ident, $given:expr;)*) => {$(
        impl Element for $kind {
            fn data_type() -> DataType {
                DataType::$data_type
            }

            fn array(values: Vec<&Self>) -> ArrayRef {
                Arc::new(values.into_iter().map($given).collect::<$array>())
            }
        }
    )*};
}

values! {
    bool, BooleanArray, Boolean, |value| Some(*value);
    Option<bool>, BooleanArray, Boolean, |value| *value;
    i32, Int32Array, Int32, |value| Some(*value);
    i64, Int64Array, Int64, |value| Some(*value);
    Option<i64>, Int64Array, Int64, |value| *value;
    Option<u32>, UInt32Array, UInt32, |value| *value;
    f32, Float32Array, Float32, |value| Some(*value);
    Option<f32>, Float32Array, Float32, |value| *value;
    Option<f64>, Float64Array, Float64, |value| *value;
    String, StringArray, Utf8, |value| Some(value.as_str());
    Option<String>, StringArray, Utf8, |value| value.as_deref();
    Option<&'static str>, StringArray, Utf8, |value| *value;
}

impl<V: Element> Element for Vec<V> {
    fn data_type() -> DataType {
        DataType::List(field::<V>(Field::LIST_FIELD_DEFAULT_NAME))
    }

    fn array(lists: Vec<&Self>) -> ArrayRef {
        let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.len()));
        let values = V::array(lists.into_iter().flatten().collect());
        Arc::new(ListArray::new(field::<V>(Field::LIST_FIELD_DEFAULT_NAME), offsets, values, None))
    }
}

/// The field of this name and type.
pub(super) fn field<V: Element>(name: &str) -> FieldRef {
    Arc::new(Field::new(name, V::data_type(), true))
}

/// Declares a row, whose array is a struct with the fields in this order.
macro_rules! row {
    ($(#[$about:meta])* $scope:vis struct $row:ident {
        $($(#[$doc:meta])* $visible:vis $field:ident: $kind:ty,)*
    }) => {
        $(#[$about])*
        $scope struct $row {
            $($(#[$doc])* $visible $field: $kind,)*
        }

        impl Element for $row {
            fn data_type() -> DataType {
                DataType::Struct(Fields::from_iter([$(field::<$kind>(stringify!($field)),)*]))
            }

            fn array(rows: Vec<&Self>) -> ArrayRef {
                let arrays = vec![$((
                    field::<$kind>(stringify!($field)),
                    <$kind>::array(rows.iter().map(|row| &row.$field).collect()),
                ),)*];
                Arc::new(StructArray::from(arrays))
            }
        }
    };
}

pub(super) use row;
