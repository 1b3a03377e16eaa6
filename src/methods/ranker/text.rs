//! Texts as vectors: hashed character n-grams.

/// Lengths of the n-grams, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=5;

/// The character n-grams of a text in lower case, hashed into buckets with signs and scaled to length 1; zeros for an empty
/// text. (buckets)
pub(super) fn in_text(text: &str, buckets: usize) -> Vec<f32> {
    let mut counts = vec![0.0; buckets];
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let marked = format!("<{word}>");
        let bytes = marked.as_bytes();
        for length in LENGTHS {
            for gram in bytes.windows(length) {
                let hash = hash(gram);
                counts[hash as usize % buckets] += if hash >> 63 == 1 { 1.0 } else { -1.0 };
            }
        }
    }
    let length = counts.iter().map(|count| count * count).sum::<f32>().sqrt();
    if length > 0.0 {
        counts.iter_mut().for_each(|count| *count /= length);
    }
    counts
}

/// FNV-1a, finished so that all bits depend on all bytes.
fn hash(bytes: &[u8]) -> u64 {
    let start = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (start ^ (start >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        in_text(a, 256).iter().zip(in_text(b, 256)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn similar_texts_have_similar_vectors() {
        assert!(cosine("MedrxivClusteringP2P", "BiorxivClusteringS2S") > 0.4);
        assert!(cosine("MedrxivClusteringP2P", "question answering") < 0.2);
        assert!((cosine("Grade-school maths", "grade school MATHS") - 1.0).abs() < 1e-5);
    }

    #[test]
    fn an_empty_text_is_zero_and_bytes_of_any_script_are_taken() {
        assert!(in_text(" —, ", 8).iter().all(|&value| value == 0.0));
        assert!(in_text("数学 é", 8).iter().any(|&value| value != 0.0));
    }
}
