//! The atlas as a table: what it shows in a few lines, or all points as CSV.

use super::table::{metric, table};
use eyas::backtest::{Atlas, AtlasPoint, MapQuality};
use eyas::error::{Error, Result};

/// How far the maps can be read, and the beginnings of the lists of models and datasets.
pub(crate) fn describe(atlas: &Atlas) -> String {
    let row = |(name, quality): (&str, &MapQuality)| {
        let MapQuality { kept, kept_by_components, same_family, same_task_type } = *quality;
        [vec![name.to_owned()], [kept, kept_by_components, same_family, same_task_type].map(metric).to_vec()].concat()
    };
    let rows: Vec<_> = [("learned", &atlas.learned), ("texts", &atlas.texts)].into_iter().map(row).collect();
    let head = ["map", "neighbours kept", "by two components", "same family", "same task type"];
    let models = atlas.points.iter().filter(|point| point.kind == "model").count();
    format!(
        "{}\n{models} models and {} datasets; --csv prints their places and neighbours, --json all\n",
        table(&head, &rows),
        atlas.points.len() - models
    )
}

/// A line a point; names of neighbours are joined by `; `.
pub(crate) fn csv(atlas: &Atlas) -> Result<String> {
    let failed = |error: String| Error::computation(format!("could not write the table: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["id", "kind", "x", "y", "text_x", "text_y", "family", "size", "task_type", "results"];
    let near = ["models", "datasets", "text_models", "text_datasets"];
    writer.write_record(head.iter().chain(&near)).map_err(|error| failed(error.to_string()))?;
    for point in &atlas.points {
        let AtlasPoint { id, kind, x, y, text_x, text_y, family, size, task_type, results, .. } = point;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let places = [x, y, text_x, text_y].map(ToString::to_string);
        let facts = [text(family), number(*size), text(task_type), results.to_string()];
        let near = [&point.models, &point.datasets, &point.text_models, &point.text_datasets].map(|ids| ids.join("; "));
        let record = [id.clone(), (*kind).to_owned()].into_iter().chain(places).chain(facts).chain(near);
        writer.write_record(record).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
