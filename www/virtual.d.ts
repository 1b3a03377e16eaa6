declare module "virtual:glosses" {
  /** What the benchmarks of the bundled data ask, a sentence each, by id. */
  const glosses: Readonly<Record<string, string>>;
  export default glosses;
}

declare module "virtual:elements" {
  /** The package as a file beside the page, and the hashes of the elements' script and style sheet. */
  const elements: Readonly<{ file: string; script: string; style: string }>;
  export default elements;
}
