declare module "virtual:glosses" {
  /** What the benchmarks of the bundled data ask, a sentence each, by id. */
  const glosses: Readonly<Record<string, string>>;
  export default glosses;
}
