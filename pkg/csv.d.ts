export function toCsv(rows: readonly (readonly (string | number | boolean | null | undefined)[])[]): string;
