// Tables as CSV, for the downloads of the page and of <eyas-leaderboard>.

/** Rows of values as a text. */
export function toCsv(rows) {
  return rows.map((values) => `${values.map(cell).join(",")}\r\n`).join("");
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it, which is how spreadsheets write a text. */
function cell(value) {
  if (value == null) return "";
  if (typeof value !== "string") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
