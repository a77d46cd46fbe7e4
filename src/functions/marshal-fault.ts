/** What a value is that cannot cross, after its path. */
export class MarshalFault extends Error {
  /** How much of the path is said; undefined: all of it. */
  readonly depth: number | undefined;

  constructor(what: string, depth?: number) {
    super(what);
    this.depth = depth;
  }
}
