//! How the weights of an upload are stored, as its name states it at the end: `-Q4_K_M-GGUF`, `-GPTQ-Int4`, `-bf16`.

/// How the weights of a model are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// The name states nothing.
    Unstated,
    /// As floats of 16 or 32 bits.
    Float,
    /// Quantised, or in a file format of quantisations.
    Quantised,
}

/// Words that state a quantisation or its file format.
const QUANTISED: [&str; 34] = [
    "gguf",
    "ggml",
    "ggmlv3",
    "gptq",
    "awq",
    "exl2",
    "exl3",
    "bnb",
    "int2",
    "int3",
    "int4",
    "int8",
    "fp4",
    "fp8",
    "nf4",
    "nvfp4",
    "mxfp4",
    "mxfp6",
    "mxfp8",
    "hqq",
    "mlx",
    "mlc",
    "onnx",
    "openvino",
    "autoround",
    "imatrix",
    "imat",
    "quant",
    "quants",
    "quantized",
    "quantised",
    "aqlm",
    "marlin",
    "quip",
];

/// Words that state floats. `16bit` is none of them: names that end in it are mostly of fine-tunes.
const FLOATS: [&str; 8] = ["fp16", "bf16", "f16", "fp32", "f32", "bfloat16", "float16", "float32"];

/// Words that appear beside those and mean nothing by themselves.
const NEUTRAL: [&str; 17] = [
    "i1",
    "ud",
    "unsloth",
    "dynamic",
    "block",
    "kv",
    "128g",
    "64g",
    "32g",
    "g128",
    "g64",
    "g32",
    "h6",
    "h8",
    "hf",
    "smoothquant",
    "sharded",
];

/// What stands before a word; the tag of Ollama and of GGUF repositories is behind a colon.
const SEPARATORS: &[u8] = b"-_.: ";

/// Where the last separator is.
fn last_separator(text: &str) -> Option<usize> {
    text.bytes().rposition(|byte| SEPARATORS.contains(&byte))
}

/// A name without the words at its end that state how its weights are stored, and how that is. The name is trimmed.
pub(super) fn unpacked(name: &str) -> (&str, Packing) {
    let name = name.trim();
    let lower = name.to_ascii_lowercase(); // as long as the name
    let (mut rest, mut kept) = (lower.as_str(), lower.len());
    let mut packing = Packing::Unstated;
    while let Some((start, stated)) = last_word(rest).filter(|&(start, _)| start > 0) {
        rest = &rest[..start];
        packing = match (packing, stated) {
            (Packing::Quantised, _) | (_, Packing::Unstated) => packing,
            (_, stated) => stated,
        };
        // A neutral word is cut only together with one that states something.
        if packing != Packing::Unstated {
            kept = start;
        }
    }
    (&name[..kept], packing)
}

/// Where the last word starts, its separator included, and what it states; `None` for other words. (text in lower case)
fn last_word(text: &str) -> Option<(usize, Packing)> {
    let at = last_separator(text)?;
    let word = &text[at + 1..];
    if QUANTISED.contains(&word) || is_bits(word) || is_activation(word) {
        return Some((at, Packing::Quantised));
    }
    if FLOATS.contains(&word) {
        return Some((at, Packing::Float));
    }
    if NEUTRAL.contains(&word) {
        return Some((at, Packing::Unstated));
    }
    let typed = || quantisation_type(text).or_else(|| bits_per_weight(text)).or_else(|| spaced_bits(text));
    let typed = typed().map(|start| (start, Packing::Quantised));
    typed.or_else(|| shard(text).map(|start| (start, Packing::Unstated)))
}

/// `4bit`, `8bits`.
fn is_bits(word: &str) -> bool {
    let digit = word.strip_suffix("bits").or_else(|| word.strip_suffix("bit"));
    digit.is_some_and(is_digit)
}

fn is_digit(word: &str) -> bool {
    word.len() == 1 && word.as_bytes()[0].is_ascii_digit()
}

/// `w4a16`: bits of weights and activations.
fn is_activation(word: &str) -> bool {
    let parts = word.strip_prefix('w').and_then(|word| word.split_once('a'));
    parts.is_some_and(|(weights, activations)| is_digit(weights) && matches!(activations, "4" | "8" | "16"))
}

/// The start of a type of GGUF or MLC at the end: `q4_k_m`, `iq3_xs`, `tq1_0`, `q8_0`, `q4f16_1`.
fn quantisation_type(text: &str) -> Option<usize> {
    let mut end = text.len();
    loop {
        let at = last_separator(&text[..end])?;
        let word = &text[at + 1..end];
        if is_type(word) {
            return Some(at);
        }
        let part =
            matches!(word, "k" | "xxs" | "xs" | "s" | "m" | "l" | "xl" | "xxl" | "nl" | "0" | "1" | "2" | "4" | "8");
        if !part || text.as_bytes()[at] != b'_' {
            return None;
        }
        end = at;
    }
}

fn is_type(word: &str) -> bool {
    let bits = word.strip_prefix('i').or_else(|| word.strip_prefix('t')).unwrap_or(word).strip_prefix('q');
    bits.is_some_and(|bits| {
        let bits = bits.strip_suffix("f16").or_else(|| bits.strip_suffix("f32")).unwrap_or(bits);
        is_digit(bits)
    })
}

/// The start of `4.65bpw` at the end.
fn bits_per_weight(text: &str) -> Option<usize> {
    let head = text.strip_suffix("bpw")?;
    let at = head.bytes().rposition(|byte| !byte.is_ascii_digit() && byte != b'.')?;
    (SEPARATORS.contains(&head.as_bytes()[at]) && at + 1 < head.len()).then_some(at)
}

/// The start of `4-bit` at the end.
fn spaced_bits(text: &str) -> Option<usize> {
    let head = text.strip_suffix("-bit").or_else(|| text.strip_suffix("_bit"))?;
    let at = last_separator(head)?;
    is_digit(&head[at + 1..]).then_some(at)
}

/// The start of `-00001-of-00003` at the end.
fn shard(text: &str) -> Option<usize> {
    let start = text.len().checked_sub("-00001-of-00003".len())?;
    let bytes = &text.as_bytes()[start..];
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    (bytes[0] == b'-' && digits(&bytes[1..6]) && &bytes[6..10] == b"-of-" && digits(&bytes[10..])).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ways_of_packing_are_cut_from_the_end_alone() {
        let quantised = "GGUF q4_k_m Q4_K_XL UD-Q4_K_XL UD-Q4_K_XL-GGUF UD-IQ2_XXS TQ1_0 IQ4_NL Q8_0 Q4_0_4_4 i1-GGUF \
            Q3_K_XL-GGUF NVFP4 MXFP4 FP8 FP8-dynamic FP8-KV nf4 bnb-4bit unsloth-bnb-4bit 4bit 8bits 4-bit \
            3_bit 4bit-128g GPTQ-4bit-32g GPTQ-Int8 GPTQ-Int4 AWQ awq-int4 int4-AutoRound w4a16 W8A8 \
            quantized.w8a8 exl2 exl3 4bpw-h6-exl2 exl2-4.0bpw 4.65bpw-exl2 q4f16_1-MLC q0f32-MLC mlx-4Bit \
            mlx-fp16 F16-gguf bf16-GGUF openvino-fp16 ggmlv3.q5_K_M Q4_K_M-00001-of-00003.gguf hf-GGUF";
        for packing in quantised.split(' ') {
            for separator in ["-", ".", "_", ":"] {
                if separator == "." && packing.starts_with('4') {
                    continue; // 7B.4
                }
                let name = format!("Abc-7B{separator}{packing}");
                assert_eq!(unpacked(&name), ("Abc-7B", Packing::Quantised), "{name}");
            }
        }
        for packing in ["fp16", "BF16", "f16", "fp32", "F32", "bfloat16", "sharded-bf16"] {
            assert_eq!(unpacked(&format!("Abc-7B-{packing} ")), ("Abc-7B", Packing::Float), "{packing}");
        }
        assert_eq!(unpacked("Abc-GGUF:Q4_K_M"), ("Abc", Packing::Quantised));
        assert_eq!(unpacked("qwen2:7b-instruct-q4_K_M"), ("qwen2:7b-instruct", Packing::Quantised));
        let others = "GGUF-tools a-unsloth a-hf a-q12 phi-2 gguf a-ud a_k_m a-Q2.5 a-32bit a-bnb-16bit a-4-bits-x \
            a-bit waa4 a-w4 a-dynamic 0-of-00003 a-00001-of-00003 ä ß-ü_ö a-12b x-v0.1";
        for name in others.split(' ').chain([""]) {
            assert_eq!(unpacked(name), (name, Packing::Unstated), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_name_panics(name in "\\PC{0,24}", end in "[-_.:äqkm0-9bitpwof]{0,20}") {
            prop_assert!(name.starts_with(unpacked(&name).0) || name.trim_start().starts_with(unpacked(&name).0));
            let _ = unpacked(&(name + &end));
        }
    }
}
