//! The canonical spellings of the words of known facts.

/// The canonical word for a type of model: `fine-tuned` for `Finetuned`, `🔶 fine-tuned on domain-specific datasets` and
/// `sft`, `chat` for `instruct`, `pretrained` for `base`. `None` for an unknown type.
#[must_use]
pub fn canonical_type(text: &str) -> Option<&'static str> {
    // Substring search in texts and Unicode letters would take kilobytes of wasm; these bytes are ASCII letters.
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase());
    let plain: Vec<u8> = letters.collect();
    let holds = |part: &str| plain.windows(part.len()).any(|some| some == part.as_bytes());
    let wholes = [
        ("base", "pretrained"),
        ("basemodel", "pretrained"),
        ("foundation", "pretrained"),
        ("foundationmodel", "pretrained"),
        ("it", "chat"),
        ("ift", "chat"),
        ("rlhf", "chat"),
        ("dpo", "chat"),
        ("sft", "fine-tuned"),
        ("ft", "fine-tuned"),
        ("finetune", "fine-tuned"),
        ("finetuning", "fine-tuned"),
        ("moerge", "merge"),
        ("other", "other"),
    ];
    let parts = [
        ("continuouslypretrained", "continuously pretrained"),
        ("continuallypretrained", "continuously pretrained"),
        ("continuedpretrain", "continuously pretrained"),
        ("continuouspretrain", "continuously pretrained"),
        ("pretrained", "pretrained"),
        ("instruct", "chat"),
        ("finetuned", "fine-tuned"),
        ("chat", "chat"),
        ("merge", "merge"),
        ("multimodal", "multimodal"),
    ];
    let whole = wholes.iter().find(|(whole, _)| plain == whole.as_bytes());
    whole.or_else(|| parts.iter().find(|(part, _)| holds(part))).map(|&(_, word)| word)
}

/// The canonical spelling of a word that a known fact states; `None` if the word has no other spelling.
#[must_use]
pub fn canonical_word(fact: &str, text: &str) -> Option<&'static str> {
    let any = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match fact {
        "type" => canonical_type(text),
        "precision" if any(&["bf16", "bfloat16"]) => Some("bfloat16"),
        "precision" if any(&["fp16", "f16", "float16", "half"]) => Some("float16"),
        "weight_type" if any(&["original"]) => Some("Original"),
        "weight_type" if any(&["adapter"]) => Some("Adapter"),
        "weight_type" if any(&["delta"]) => Some("Delta"),
        _ => None,
    }
}

/// Whether an architecture is one of the words that tables use for an unknown one.
pub(super) fn is_unknown(architecture: &str) -> bool {
    ["", "?", "unknown", "other"].iter().any(|unknown| architecture.eq_ignore_ascii_case(unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_type_have_one_word() {
        for (word, spellings) in [
            ("fine-tuned", &["fine-tuned", "finetuned", "Fine-tuned", "fine tuned", "fine_tuned", "SFT"][..]),
            (
                "chat",
                &[
                    "chat",
                    "instruct",
                    "Instruction-tuned",
                    "💬 chat models (RLHF, DPO, IFT, ...)",
                    "instruct fine-tuned",
                ],
            ),
            ("pretrained", &["pretrained", "base", "🟢 pretrained", "Base model", "pre-trained"]),
            (
                "continuously pretrained",
                &["continuously-pretrained", "continued pretraining", "🟩 continuously pretrained"],
            ),
            ("merge", &["merge", "merged", "basemergesandmoerges", "🤝 base merges and moerges"]),
            ("other", &["❓ other", "other"]),
        ] {
            spellings.iter().for_each(|spelling| assert_eq!(canonical_type(spelling), Some(word), "{spelling}"));
        }
        assert_eq!(canonical_type("reward model"), None);
    }

    #[test]
    fn words_of_precision_and_weights_have_one_spelling() {
        assert_eq!(canonical_word("precision", "BF16"), Some("bfloat16"));
        assert_eq!(canonical_word("precision", "half"), Some("float16"));
        assert_eq!(canonical_word("weight_type", "adapter"), Some("Adapter"));
        assert_eq!(canonical_word("type", "sft"), Some("fine-tuned"));
        assert_eq!(canonical_word("architecture", "bf16"), None);
    }
}
