import { Limits } from '../http/frames.generated.ts';
import type { FunctionOwner } from './js-functions.ts';
import { ValueWriter } from './value-writer.ts';

/** Arguments of a call, one behind the other, with what they refer to. */
export interface WrittenArguments {
  /** Overwritten by the next ones. */
  bytes: Buffer;
  buffers: Uint8Array[];
}

// Taken by who writes: a getter among the arguments may make another call.
let spare: ValueWriter | undefined;

/**
 * The arguments of a call, one behind the other.
 *
 * @param owner whose functions are among them; without one there may be none, and no buffer is referred to
 * @param progress one more value behind them
 * @param names of the parameters, for messages
 */
export function writeArguments(
  args: unknown[],
  owner?: FunctionOwner,
  progress?: (value: unknown) => void,
  names: readonly string[] = [],
): WrittenArguments {
  const writer = spare ?? new ValueWriter();
  spare = undefined;
  writer.use(owner, owner ? Limits.inlineBytes : Number.POSITIVE_INFINITY);
  try {
    for (let i = 0; i < args.length; i++)
      writer.write(args[i], names[i] ? `$.${names[i]}` : `$[${i}]`);
    if (progress) writer.write(progress, 'progress');
    const { buffers } = writer;
    return { bytes: writer.take(false), buffers };
  } finally {
    writer.use(undefined);
    writer.forget();
    spare = writer;
  }
}
