import type { IncomingMessage } from 'node:http';
import { checkOptions } from '../hosting/options.ts';
import type { Exchange } from './exchange.ts';
import type { HeldHead } from './response-body.ts';

/** What a `response` function of {@link BufferingOptions} decides by. */
export interface ResponseStart {
  /** The status the app has set. */
  status: number;
  /** The headers the app has set, by lower-case name; an array where there are several lines. */
  headers: Record<string, string | string[]>;
  /** The request it answers. */
  req: IncomingMessage;
}

/** Whether bodies pass as they come, or whole. `docs/buffering.md` describes it. */
export interface BufferingOptions {
  /** 'buffer': the app is called when the whole request body has come; one above `maxBuffer` gets 413. */
  request?: 'stream' | 'buffer';
  /**
   * 'buffer': the response leaves when the app has completed it, with a Content-Length; one above `maxBuffer` is
   * streamed from there on. A function decides for each response when it starts.
   */
  response?: 'stream' | 'buffer' | ((res: ResponseStart) => 'stream' | 'buffer');
  /** Bytes of a body that are kept. Default 1,048,576. */
  maxBuffer?: number;
}

/** The policy of a handler that buffers anything at all. */
export interface Buffering {
  request: boolean;
  /** Whether a response that starts is kept until it is complete; undefined: none is. */
  response: ((exchange: Exchange, head: HeldHead) => boolean) | undefined;
  maxBuffer: number;
  /** Exchanges whose request body is on its way. */
  collecting: Set<Exchange>;
}

const MAX_BUFFER = 1024 * 1024;

const mode = (value: unknown) =>
  value === 'stream' || value === 'buffer' ? undefined : "'stream' or 'buffer'";
const responseMode = (value: unknown) =>
  typeof value === 'function' ? undefined : mode(value) && `${mode(value)} or a function`;
const bytes = (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'a number of bytes from 0';

/**
 * The policy of a handler; undefined where it only streams.
 *
 * @throws OwinError `ERR_OWIN_OPTION` for an unknown name or a wrong value
 */
export function readBuffering(options: BufferingOptions = {}): Buffering | undefined {
  checkOptions('owin({ buffering })', options, {
    request: mode,
    response: responseMode,
    maxBuffer: bytes,
  });
  const { request = 'stream', response = 'stream', maxBuffer = MAX_BUFFER } = options;
  if (request === 'stream' && response === 'stream') return undefined;
  return {
    request: request === 'buffer',
    response: responsePolicy(response),
    maxBuffer,
    collecting: new Set(),
  };
}

function responsePolicy(response: Required<BufferingOptions>['response']): Buffering['response'] {
  if (response === 'stream') return undefined;
  if (response === 'buffer') return () => true;
  return ({ req }, { status, headers }) => {
    const lines = [...headers.byName].map(([name, { values }]) => [
      name,
      values.length === 1 ? values[0] : [...values],
    ]);
    const decided = response({ status, headers: Object.fromEntries(lines), req });
    const wanted = mode(decided);
    if (wanted) throw new TypeError(`buffering.response(res) returns ${wanted}, not ${decided}.`);
    return decided === 'buffer';
  };
}
