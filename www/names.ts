// Names of models in a text.

/** The characters in names of models, for the character class of a regular expression. */
const NAME = String.raw`\p{L}\p{N}._\-+@/`;
/** The part of a model's address before the name, as a regular expression. */
const ADDRESS = String.raw`(?:https?:\/\/[^\s/]+|huggingface\.co|hf\.co)\/(?:api\/)?(?:models\/)?`;

/** Replaces a name in a text, also in addresses. Other names that contain it remain unchanged. */
export function renamed(text: string, from: string, to: string): string {
  const name = from.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const alone = `(?<![${NAME}])${name}(?![${NAME}])`;
  // In an address, a folder may follow a name with an owner. A name without an owner and with a following part would be an owner.
  const after = from.includes("/") ? NAME.replace("/", "") : NAME;
  const linked = `(?<=(?<![${NAME}])${ADDRESS})${name}(?![${after}])`;
  // Ids ignore case. The replacement is a function because `$&` has a special meaning in a replacement text.
  return text.replace(new RegExp(`${alone}|${linked}`, "giu"), () => to);
}
