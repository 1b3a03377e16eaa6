// Names of models in a text.

/** What names of models are made of, as the character class of a regular expression. */
const NAME = String.raw`\p{L}\p{N}._\-+@/`;
/** What stands before the name in the address of a model. */
const ADDRESS = String.raw`(?:https?:\/\/[^\s/]+|huggingface\.co|hf\.co)\/(?:api\/)?(?:models\/)?`;

/** The text with another name wherever one stands, in an address too; names that only contain it stay as they are. */
export function renamed(text: string, from: string, to: string): string {
  const name = from.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const alone = `(?<![${NAME}])${name}(?![${NAME}])`;
  // What follows a name in an address are folders, but without an owner it would be the owner itself.
  const after = from.includes("/") ? NAME.replace("/", "") : NAME;
  const linked = `(?<=(?<![${NAME}])${ADDRESS})${name}(?![${after}])`;
  // Ids are the same in upper and lower case. A function, since `$&` in a text would have a meaning.
  return text.replace(new RegExp(`${alone}|${linked}`, "giu"), () => to);
}
