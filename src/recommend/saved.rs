//! Saved models: one file with everything that a forecast needs.
//!
//! | bytes | contents |
//! |---|---|
//! | 4 | `EYAS` |
//! | 4 | version, u32 little-endian |
//! | 4 | length of the head, u32 little-endian |
//! | … | the head: method, seed, the model whose results were left out, the device, names and shapes of the tensors, the snapshot; numbers and texts as in `snapshot/compact/stream.rs` |
//! | … | the tensors in the head's order, f32 little-endian, row-major |

use super::{Device, Ran, Recommender, TrainOptions, training_data};
use crate::error::{Error, Result};
use crate::methods::{Fitted, Method, Tensor, TrainingData, VisibleCells};
use crate::snapshot::{ModelIndex, Reader, Snapshot, Writer, read_from, write_to};

const MAGIC: &[u8; 4] = b"EYAS";
/// Raised with every change of the layout, of the names or shapes of a method's tensors, or of the meaning of their
/// values.
const VERSION: u32 = 9;

/// Restores a method from its tensors.
type Restore = fn(Method, &TrainingData<'_>, &[Tensor]) -> Result<Box<dyn Fitted>>;

/// The part of the head before the snapshot.
struct Head {
    method: String,
    seed: u64,
    without: Option<usize>,
    ran: Ran,
    tensors: Vec<(String, Vec<usize>)>,
}

impl Recommender {
    /// The trained model as the bytes of a file.
    ///
    /// # Errors
    /// If it is too large for this format.
    pub fn save(&self) -> Result<Vec<u8>> {
        pack(&self.snapshot, &self.options, self.without, &self.ran, &self.fitted.tensors())
    }

    /// The trained model from the bytes of a file that [`Recommender::save`] wrote.
    ///
    /// # Errors
    /// If the bytes are not such a file, have another version, or are cut short.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        Self::load_with(bytes, Method::restore)
    }

    /// As [`Recommender::load`], but only for the methods of one [`crate::methods::Part`] of a program.
    ///
    /// # Errors
    /// As [`Recommender::load`], and if the method belongs to another part.
    pub fn load_in<const PART: u8>(bytes: &[u8]) -> Result<Self> {
        Self::load_with(bytes, Method::restore_in::<PART>)
    }

    fn load_with(mut bytes: &[u8], restore: Restore) -> Result<Self> {
        let mut reader = Reader::new(head_of(&mut bytes)?);
        let read = head(&mut reader).and_then(|head| Some((head, read_from(&mut reader)?)));
        let fits = |(head, snapshot): &(Head, Snapshot)| {
            reader.is_done() && head.without.is_none_or(|model| model < snapshot.models.len())
        };
        let (Head { method, seed, without, ran, tensors }, snapshot) = read.filter(fits).ok_or_else(damaged)?;
        let without = without.map(|model| ModelIndex(model as u32));
        let method: Method = method.parse()?;
        let tensors = read_tensors(bytes, tensors)?;
        let options = TrainOptions { method, device: Device::Auto, seed };
        let visible = VisibleCells::new(&snapshot, without.map(|model| snapshot.results_of(model)).as_ref())?;
        let fitted = restore(method, &training_data(&snapshot, &visible, &options), &tensors)?;
        Ok(Self { without, ..Self::assemble(snapshot, options, visible, fitted, ran) })
    }
}

/// A trained method as the bytes of a file.
///
/// # Errors
/// If it is too large for this format.
pub(super) fn pack(
    snapshot: &Snapshot,
    options: &TrainOptions,
    without: Option<ModelIndex>,
    ran: &Ran,
    tensors: &[Tensor],
) -> Result<Vec<u8>> {
    let mut head = Writer::default();
    head.text(options.method.name());
    head.whole(options.seed);
    head.whole(without.map_or(0, |model| u64::from(model.0) + 1));
    [&ran.device, &ran.name, &ran.why].into_iter().for_each(|text| head.text(text));
    head.whole(tensors.len() as u64);
    for Tensor { name, shape, .. } in tensors {
        head.text(name);
        head.whole(shape.len() as u64);
        shape.iter().for_each(|&side| head.whole(side as u64));
    }
    write_to(&mut head, snapshot);
    let head = head.finish();
    let length = u32::try_from(head.len()).map_err(|_| Error::computation("the model is too large to be saved"))?;
    let mut bytes = Vec::new();
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(head);
    for value in tensors.iter().flat_map(|tensor| &tensor.values) {
        bytes.extend(value.to_le_bytes());
    }
    Ok(bytes)
}

/// The tensors of a saved model.
///
/// # Errors
/// As [`Recommender::load`].
pub fn tensors(mut bytes: &[u8]) -> Result<Vec<Tensor>> {
    let head = head(&mut Reader::new(head_of(&mut bytes)?)).ok_or_else(damaged)?;
    read_tensors(bytes, head.tensors)
}

/// The head of a file; `bytes` is left at the tensors behind it.
fn head_of<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
    if take(bytes, 4)? != MAGIC {
        return Err(Error::input("not a saved model; train one with `eyas train`"));
    }
    let version = number(bytes)?;
    if version != VERSION {
        let (age, what) = match version < VERSION {
            true => ("an older", "train it again with `eyas train`"),
            false => ("a newer", "update eyas, or train it again"),
        };
        let message =
            format!("saved by {age} eyas (version {version} of the file, and this one reads {VERSION}); {what}");
        return Err(Error::input(message));
    }
    let length = number(bytes)? as usize;
    take(bytes, length)
}

fn head(from: &mut Reader<'_>) -> Option<Head> {
    let method = from.text()?.to_owned();
    let seed = from.whole()?;
    let without = from.count()?.checked_sub(1);
    let [device, name, why] = [from.text()?, from.text()?, from.text()?].map(str::to_owned);
    let mut tensors = Vec::new();
    for _ in 0..from.count()? {
        let name = from.text()?.to_owned();
        let shape = (0..from.count()?).map(|_| from.count()).collect::<Option<_>>()?;
        tensors.push((name, shape));
    }
    Some(Head { method, seed, without, ran: Ran { device, name, why }, tensors })
}

fn damaged() -> Error {
    Error::input("the saved model's head is damaged; save or download it again")
}

fn read_tensors(mut bytes: &[u8], shapes: Vec<(String, Vec<usize>)>) -> Result<Vec<Tensor>> {
    shapes.into_iter().map(|shape| tensor(&mut bytes, shape)).collect()
}

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

fn tensor(bytes: &mut &[u8], (name, shape): (String, Vec<usize>)) -> Result<Tensor> {
    let count = shape.iter().try_fold(4usize, |product, &side| product.checked_mul(side));
    let values = take(bytes, count.unwrap_or(usize::MAX))?;
    let values: Vec<f32> = values.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Error::input(format!("tensor \"{name}\" holds values that are no numbers")));
    }
    Ok(Tensor { name, shape, values })
}
