// The table of docs/marshalling.md, in TypeScript's words. `in`: what .NET takes; `out`: what it gives.
// $0 and $1 are a type's arguments.

/** Which way a value goes: to .NET, or from it. */
export type Direction = 'in' | 'out';

interface Mapping {
  in: string;
  out: string;
  /** It is `unknown` because any value may stand there, not because its type is not known. */
  any?: true;
}

const same = (text: string): Mapping => ({ in: text, out: text });
// A bigint is taken as well, but a type that says so for every int is hard to read.
const small: Mapping = same('number');
const large: Mapping = { in: 'number | bigint', out: 'number | bigint' };
const huge: Mapping = { in: 'number | bigint', out: 'bigint' };
const text: Mapping = same('string');
const bytes: Mapping = { in: 'Uint8Array | ArrayBuffer', out: 'Buffer' };
const list: Mapping = { in: 'readonly $0[] | ReadonlySet<$0>', out: '$0[]' };
const set: Mapping = { in: 'readonly $0[] | ReadonlySet<$0>', out: 'Set<$0>' };
const map: Mapping = { in: 'ReadonlyMap<$0, $1>', out: 'Map<$0, $1>' };
const record: Mapping = {
  in: '{ readonly [key: string]: $1 } | ReadonlyMap<string, $1>',
  out: '{ [key: string]: $1 }',
};
const stream: Mapping = {
  in: 'Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>',
  out: 'Readable',
};
const anything: Mapping = { ...same('unknown'), any: true };

/** Types by their name in .NET. */
export const table: Record<string, Mapping> = {
  'System.Void': same('void'),
  'System.Boolean': same('boolean'),
  'System.String': text,
  'System.Char': text,
  'System.SByte': small,
  'System.Byte': small,
  'System.Int16': small,
  'System.UInt16': small,
  'System.Int32': small,
  'System.UInt32': small,
  'System.Int64': large,
  'System.UInt64': large,
  'System.Int128': huge,
  'System.UInt128': huge,
  'System.Numerics.BigInteger': huge,
  'System.Half': same('number'),
  'System.Single': same('number'),
  'System.Double': same('number'),
  'System.Decimal': { in: 'string | number', out: 'string' },
  'System.Guid': text,
  'System.Uri': { in: 'string | URL', out: 'string' },
  'System.Version': text,
  'System.TimeSpan': text,
  'System.DateOnly': text,
  'System.TimeOnly': text,
  'System.DateTime': same('Date'),
  'System.DateTimeOffset': same('Date'),
  'System.Object': anything,
  // What derives from it crosses with its own properties.
  'System.EventArgs': same('object'),
  'System.Type': same('null'),
  'System.Reflection.Assembly': same('null'),
  'System.Threading.CancellationToken': same('AbortSignal'),
  'System.IProgress`1': { in: '(value: $0) => void', out: '(value: $0) => void' },
  'System.Threading.Tasks.Task': same('Promise<void>'),
  'System.Threading.Tasks.ValueTask': same('Promise<void>'),
  'System.Threading.Tasks.Task`1': same('Promise<$0>'),
  'System.Threading.Tasks.ValueTask`1': same('Promise<$0>'),
  'System.Memory`1': list,
  'System.ReadOnlyMemory`1': list,
  'System.Buffers.ReadOnlySequence`1': list,
  'System.ArraySegment`1': list,
  'System.Collections.Generic.ISet`1': set,
  'System.Collections.Generic.IReadOnlySet`1': set,
  'System.Collections.Generic.IEnumerable`1': list,
  'System.Collections.IEnumerable': { in: 'readonly unknown[]', out: 'unknown[]', any: true },
  'System.Collections.Generic.IDictionary`2': map,
  'System.Collections.Generic.IReadOnlyDictionary`2': map,
  'System.Collections.Generic.IAsyncEnumerable`1': {
    in: 'AsyncIterable<$0> | ReadableStream<$0>',
    out: 'AsyncIterable<$0>',
  },
  'System.IO.Stream': stream,
  'System.IO.Pipelines.PipeReader': stream,
};

/** The same where the keys are strings: a plain object. */
export const records: Record<string, Mapping> = {
  'System.Collections.Generic.IDictionary`2': record,
  'System.Collections.Generic.IReadOnlyDictionary`2': record,
};

/** Arrays and Memory of numbers keep their element type. */
export const typedArrays: Record<string, Mapping> = {
  'System.Byte': bytes,
  'System.SByte': typedArray('Int8Array'),
  'System.Int16': typedArray('Int16Array'),
  'System.UInt16': typedArray('Uint16Array'),
  'System.Int32': typedArray('Int32Array'),
  'System.UInt32': typedArray('Uint32Array'),
  'System.Single': typedArray('Float32Array'),
  'System.Double': typedArray('Float64Array'),
  'System.Int64': { in: 'readonly (number | bigint)[] | BigInt64Array', out: 'BigInt64Array' },
  'System.UInt64': { in: 'readonly (number | bigint)[] | BigUint64Array', out: 'BigUint64Array' },
};

/** Types of JavaScript's that the text mentions, which an assembly's own types may hide. */
export const globals = [
  ...[
    'AbortSignal',
    'ArrayBuffer',
    'AsyncDisposable',
    'AsyncIterable',
    'AsyncIterableIterator',
    'Buffer',
    'Date',
  ],
  ...['Disposable', 'Map', 'Promise', 'ReadableStream', 'ReadonlyMap', 'ReadonlySet'],
  ...[
    'Set',
    'URL',
    'Uint8Array',
    'Int8Array',
    'Int16Array',
    'Uint16Array',
    'Int32Array',
    'Uint32Array',
  ],
  ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
];

function typedArray(name: string): Mapping {
  return { in: `readonly number[] | ${name}`, out: name };
}
