/** A frame to .NET: its name, where it goes, its own words by their names, and its payload. */
export interface ToClrFrame {
  name: string;
  slot: number;
  generation: number;
  payload: Buffer;
  [word: string]: unknown;
}

/** The frames of a batch to .NET; throws where it is not what the protocol says. */
export function framesOf(batch: Buffer, bufferCount: number): Generator<ToClrFrame>;
