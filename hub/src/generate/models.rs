//! A made-up model: its number alone tells its name, its size and how it was made.

const FAMILIES: [&str; 12] = [
    "Llama-3.1",
    "Qwen2.5",
    "Mistral",
    "gemma-2",
    "phi-4",
    "falcon",
    "OLMo-2",
    "granite-3.1",
    "SmolLM2",
    "Yi-1.5",
    "bloom",
    "pythia",
];
const SIZES: [f64; 8] = [0.5, 1.5, 3.0, 7.0, 8.0, 14.0, 32.0, 70.0];
const ENDINGS: [&str; 8] = ["Instruct", "chat", "DPO", "SFT", "RP", "Coder", "Math", "it"];
/// How a model was made.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Made {
    Base,
    From(&'static str),
    Merge(u32),
}

/// The id of the model with this number: it follows from the number alone, and so do family and size.
pub(super) fn id(at: u32) -> String {
    let mixed = mix(at);
    let (family, size) = (FAMILIES[mixed as usize % FAMILIES.len()], size(at));
    match made(at) {
        Made::Base => format!("lab{}/{family}-{size}B-v{at}", mixed % 199),
        _ => {
            format!("user{}/{family}-{size}B-{}-{at}", mixed % 40_009, ENDINGS[(mixed >> 16) as usize % ENDINGS.len()])
        }
    }
}

pub(super) fn made(at: u32) -> Made {
    match mix(at ^ 0x9e37) % 100 {
        0..5 => Made::Base,
        _ if at < 50 => Made::Base,
        5..50 => Made::From("finetune"),
        50..70 => Made::From("quantized"),
        70..85 => Made::From("adapter"),
        _ => Made::Merge(2 + mix(at ^ 0x51ed) % 19),
    }
}

/// Spreads the bits of a number.
pub(super) fn mix(at: u32) -> u32 {
    let at = (at ^ (at >> 16)).wrapping_mul(0x7feb_352d);
    let at = (at ^ (at >> 15)).wrapping_mul(0x846c_a68b);
    at ^ (at >> 16)
}

/// Which of two models are each other's parent: the first of a pair that is rare enough.
pub(super) fn is_first_of_cycle(at: u32, count: u32) -> bool {
    let pair = |at: u32| at >= 100 && mix(at ^ 0xc1c1).is_multiple_of(2000) && at.is_multiple_of(2);
    pair(at) && at + 1 < count
}

/// The size in billions of parameters.
pub(super) fn size(at: u32) -> f64 {
    SIZES[(mix(at) >> 8) as usize % SIZES.len()]
}
