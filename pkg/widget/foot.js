// The last lines of a card: the origin of its numbers.

/** The method, the size of its training data, their source and their licence; unknown parts are omitted. */
export function foot(tag, format, method, info = {}, intervals = false) {
  const { models, cells, source, license } = info;
  const parts = [tag("b", {}, method ?? "")];
  if (intervals) parts.push(", with 90 % intervals");
  if (models) parts.push(`, from ${format(models)} models and ${format(cells)} measured results`);
  parts.push(". ");
  if (source) parts.push("Source: ", tag("bdi", {}, source), ". ");
  if (license) parts.push("Licence: ", tag("bdi", {}, license), ".");
  return tag("p", { class: "foot", part: "foot", dir: "ltr" }, ...parts);
}
