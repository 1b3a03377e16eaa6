//! Saved models: everything that a forecast needs, in one file.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `EYAS` |
//! | 4 | version, u32 little-endian |
//! | 4 | length of the header |
//! | … | header, JSON: method, seed, device, names and shapes of the tensors, length of the snapshot |
//! | … | the snapshot, `eyas-snapshot/1`, gzip |
//! | … | the tensors in the header's order, f32 little-endian, row-major |

use super::{Device, Ran, Recommender, TrainOptions, training_data};
use crate::error::{Error, Result};
use crate::kernels::Compute;
use crate::methods::{Tensor, VisibleCells};
use crate::snapshot;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

const MAGIC: &[u8; 4] = b"EYAS";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    method: String,
    seed: u64,
    /// Files from before there was a choice were trained on the CPU.
    #[serde(default)]
    ran: Option<Ran>,
    snapshot_bytes: usize,
    tensors: Vec<Shape>,
}

#[derive(Serialize, Deserialize)]
struct Shape {
    name: String,
    shape: Vec<usize>,
}

impl Recommender {
    /// The trained model as the bytes of a file.
    ///
    /// # Errors
    /// If the snapshot can't be written.
    pub fn save(&self) -> Result<Vec<u8>> {
        let unwritable = |error: std::io::Error| Error::computation(format!("the model could not be packed: {error}"));
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(&snapshot::write_json(&self.snapshot)?).map_err(unwritable)?;
        let packed = packer.finish().map_err(unwritable)?;
        let tensors = self.fitted.tensors();
        let header = Header {
            method: self.method().name().to_owned(),
            seed: self.options.seed,
            ran: Some(self.ran.clone()),
            snapshot_bytes: packed.len(),
            tensors: tensors.iter().map(|t| Shape { name: t.name.clone(), shape: t.shape.clone() }).collect(),
        };
        let header = serde_json::to_vec(&header).map_err(|error| Error::computation(error.to_string()))?;
        let mut bytes = Vec::new();
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header);
        bytes.extend(packed);
        bytes.extend(tensors.iter().flat_map(|tensor| &tensor.values).flat_map(|value| value.to_le_bytes()));
        Ok(bytes)
    }

    /// The trained model from the bytes of a file that [`Recommender::save`] wrote.
    ///
    /// # Errors
    /// If the bytes are not such a file, are of a newer version, or are cut short.
    pub fn load(mut bytes: &[u8]) -> Result<Self> {
        if take(&mut bytes, 4)? != MAGIC {
            return Err(Error::input("not a saved model; train one with `eyas train`"));
        }
        let version = number(&mut bytes)?;
        if version != VERSION {
            return Err(Error::input(format!(
                "a saved model of version {version}; this program reads version {VERSION}; train it anew"
            )));
        }
        let length = number(&mut bytes)? as usize;
        let header: Header = serde_json::from_slice(take(&mut bytes, length)?)
            .map_err(|error| Error::input(format!("the saved model's header is damaged: {error}")))?;
        let method = header.method.parse()?;
        let mut json = Vec::new();
        flate2::read::GzDecoder::new(take(&mut bytes, header.snapshot_bytes)?)
            .take(MAX_SNAPSHOT)
            .read_to_end(&mut json)
            .map_err(|error| Error::input(format!("the saved model's snapshot is damaged: {error}")))?;
        let (snapshot, _) = snapshot::read_json(&json)?;
        let tensors = header.tensors.into_iter().map(|shape| tensor(&mut bytes, shape)).collect::<Result<Vec<_>>>()?;
        let ran = header.ran.unwrap_or_else(|| Compute::new(Device::Cpu).ran());
        let options = TrainOptions { method, device: Device::Auto, seed: header.seed };
        let visible = VisibleCells::new(&snapshot, None)?;
        let fitted = method.restore(&training_data(&snapshot, &visible, &options), &tensors)?;
        Self::assemble(snapshot, options, visible, fitted, ran)
    }
}

/// A snapshot larger than this does not come out of a saved model.
const MAX_SNAPSHOT: u64 = 1 << 31;

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (head, rest) = bytes
        .split_at_checked(count)
        .ok_or_else(|| Error::input("the saved model is cut short; save or download it again"))?;
    *bytes = rest;
    Ok(head)
}

fn number(bytes: &mut &[u8]) -> Result<u32> {
    Ok(take(bytes, 4)?.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

fn tensor(bytes: &mut &[u8], Shape { name, shape }: Shape) -> Result<Tensor> {
    let count = shape.iter().try_fold(4usize, |product, &side| product.checked_mul(side));
    let values = take(bytes, count.unwrap_or(usize::MAX))?;
    let values: Vec<f32> = values.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Error::input(format!("tensor \"{name}\" holds values that are no numbers")));
    }
    Ok(Tensor { name, shape, values })
}
