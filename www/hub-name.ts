// The name of the hub, and the texts that name a model of it. `?hub=` names a mirror.

const mirror = `${(new URLSearchParams(location.search).get("hub") ?? "").replace(/\/+$/, "")}/`;
// An invalid address is ignored.
export const hub = new URL(mirror !== "/" && URL.canParse(mirror, document.baseURI) ? mirror : "https://huggingface.co/", document.baseURI);
export const hubName = hub.host;

/** The model whose parents are listed in a text of `lookUp`; undefined for other texts. */
export function lookedUp(text: string): string | undefined {
  return /^# (\S+\/\S+), looked up on /.exec(text)?.[1];
}

/** The id in a text that consists of one id or of its address; undefined for other texts. */
export function soleId(text: string): string | undefined {
  const found = /^(?:https?:\/\/[^\s/]+\/|hf\.co\/)?([\w.-]+\/[\w.+@-]+)(?:[/?#]\S*)?$/.exec(text.trim());
  return found?.[1];
}

/** The name in a text that is only a name without an owner, such as `GPT-5`; undefined for other texts. */
export function soleName(text: string): string | undefined {
  const line = text.trim();
  return /^[\p{L}\p{N}][\p{L}\p{N}._+@\- ()]{0,59}$/u.test(line) && /\p{L}/u.test(line) ? line : undefined;
}
