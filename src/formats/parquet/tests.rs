use super::*;
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// The values of a leaf column, with definition and repetition levels.
enum Leaf {
    Texts(&'static [&'static str], Vec<i16>, Vec<i16>),
    Blobs(&'static [&'static [u8]], Vec<i16>),
    Floats(&'static [f32], Vec<i16>),
    Doubles(&'static [f64], Vec<i16>),
    Longs(&'static [i64], Vec<i16>),
    Ints(&'static [i32], Vec<i16>),
    Flags(&'static [bool], Vec<i16>),
}

fn written(schema: &str, compression: Compression, pandas: Option<&str>, leaves: &[Leaf]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let note = pandas.map(|text| vec![KeyValue::new("pandas".to_owned(), text.to_owned())]);
    let properties = WriterProperties::builder().set_compression(compression).set_key_value_metadata(note).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for leaf in leaves {
        let mut column = group.next_column().unwrap().unwrap();
        match (leaf, column.untyped()) {
            (Leaf::Texts(values, levels, repeats), ColumnWriter::ByteArrayColumnWriter(typed)) => {
                let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(*text)).collect();
                typed.write_batch(&values, Some(levels), Some(repeats)).unwrap()
            }
            (Leaf::Blobs(values, levels), ColumnWriter::ByteArrayColumnWriter(typed)) => {
                let values: Vec<ByteArray> = values.iter().map(|bytes| ByteArray::from(bytes.to_vec())).collect();
                typed.write_batch(&values, Some(levels), None).unwrap()
            }
            (Leaf::Floats(values, levels), ColumnWriter::FloatColumnWriter(typed)) => {
                typed.write_batch(values, Some(levels), None).unwrap()
            }
            (Leaf::Doubles(values, levels), ColumnWriter::DoubleColumnWriter(typed)) => {
                typed.write_batch(values, Some(levels), None).unwrap()
            }
            (Leaf::Longs(values, levels), ColumnWriter::Int64ColumnWriter(typed)) => {
                typed.write_batch(values, Some(levels), None).unwrap()
            }
            (Leaf::Ints(values, levels), ColumnWriter::Int32ColumnWriter(typed)) => {
                typed.write_batch(values, Some(levels), None).unwrap()
            }
            (Leaf::Flags(values, levels), ColumnWriter::BoolColumnWriter(typed)) => {
                typed.write_batch(values, Some(levels), None).unwrap()
            }
            _ => panic!("a column of another type"),
        };
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

fn csv(bytes: &[u8]) -> String {
    String::from_utf8(to_csv("x.parquet", bytes).unwrap()).unwrap()
}

#[test]
fn values_of_each_type_become_cells() {
    let schema = "message m {
        optional double score; optional binary tag; optional boolean open; optional int32 day (DATE);
        optional int64 at (TIMESTAMP(NANOS,true)); optional int64 price (DECIMAL(9,2));
        optional group size { optional double total; optional int64 active; }
        optional group langs (LIST) { repeated group list { optional binary element (UTF8); } }
        optional int64 stamp (TIMESTAMP(MILLIS,true)); optional float ratio; optional binary raw;
        optional binary __index_level_0__ (UTF8); }";
    let leaves = || {
        [
            Leaf::Doubles(&[80.125, f64::NAN], vec![1, 1]),
            Leaf::Texts(&["é, x"], vec![1, 0], vec![0, 0]),
            Leaf::Flags(&[true, false], vec![1, 1]),
            Leaf::Ints(&[19_856], vec![1, 0]),
            Leaf::Longs(&[1_715_600_000_000_000_000], vec![1, 0]),
            Leaf::Longs(&[128_650], vec![1, 0]),
            Leaf::Doubles(&[7.6], vec![2, 0]),
            Leaf::Longs(&[3], vec![2, 0]),
            Leaf::Texts(&["en", "de"], vec![3, 3, 0], vec![0, 1, 0]),
            Leaf::Longs(&[1_715_600_000_000, i64::MAX], vec![1, 1]),
            Leaf::Floats(&[0.1, f32::INFINITY], vec![1, 1]),
            Leaf::Blobs(&[b"bytes", b"\xff\x00"], vec![1, 1]),
            Leaf::Texts(&["org/a", "org/b"], vec![1, 1], vec![0, 0]),
        ]
    };
    let expected = include_str!("../../../tests/fixtures/results/types.csv");
    let pandas = Some(r#"{"index_columns": ["__index_level_0__"]}"#);
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::GZIP(Default::default()),
    ] {
        assert_eq!(csv(&written(schema, compression, pandas, &leaves())), expected, "{compression}");
    }
}

/// The page reads the same file with another library, in `tests/page/parquet.test.mjs`.
#[test]
fn the_file_that_the_page_is_tested_with_is_read_alike() {
    let bytes = include_bytes!("../../../tests/fixtures/results/types.parquet");
    assert_eq!(csv(bytes), include_str!("../../../tests/fixtures/results/types.csv"));
}

#[test]
fn the_index_of_pandas_comes_first_if_it_holds_texts() {
    let schema = "message m { optional double t; optional binary __index_level_0__ (UTF8); }";
    let leaves = [Leaf::Doubles(&[1.5], vec![1]), Leaf::Texts(&["org/a"], vec![1], vec![0])];
    assert_eq!(csv(&written(schema, Compression::SNAPPY, None, &leaves)), ",t\norg/a,1.5\n");
    let named = schema.replace("__index_level_0__", "llm");
    let note = Some(r#"{"index_columns": ["llm"]}"#);
    assert_eq!(csv(&written(&named, Compression::SNAPPY, note, &leaves)), "llm,t\norg/a,1.5\n");
    let schema = "message m { optional binary model (UTF8); optional double t; optional int64 __index_level_0__; }";
    let leaves =
        [Leaf::Texts(&["org/a"], vec![1], vec![0]), Leaf::Doubles(&[1.5], vec![1]), Leaf::Longs(&[7], vec![1])];
    assert_eq!(csv(&written(schema, Compression::SNAPPY, None, &leaves)), "model,t\norg/a,1.5\n");
}
