/**
 * Kinds of values as they cross: dotnet/Owin.Host/Functions/ValueTag.cs has the same. A *text* is an int32 count and
 * so many latin-1 bytes, or a negative count and so many UTF-16 units.
 */
export const ValueTag = {
  null: 0,
  false: 1,
  true: 2,
  /** int32 */
  int: 3,
  /** int64: a bigint to .NET; from .NET a number where that is safe */
  long: 4,
  /** float64 */
  double: 5,
  /** a text */
  string: 6,
  /** float64, milliseconds since 1970 UTC */
  date: 7,
  /** int32 length, bytes */
  bytes: 8,
  /** int32 count, values */
  list: 9,
  /** int32 count, name (a text) and value of each */
  dictionary: 10,
  /** int32 number of a function of JavaScript's */
  function: 11,
  /** uint64 */
  ulong: 12,
  /** int32 length, bytes of two's complement, the lowest first */
  bigInt: 13,
  /** int32 index of a buffer beside the values, int32 its length in bytes */
  bytesBuffer: 14,
  /** byte kind of element, int32 count, elements */
  array: 15,
  /** byte kind of element, int32 index of a buffer beside the values, int32 its length in bytes */
  arrayBuffer: 16,
  /** int32 count, values */
  set: 17,
  /** int32 count, key and value of each */
  map: 18,
  /** int32 number of a delegate that .NET holds */
  delegate: 19,
  /** int32 number of a function that gives the next items of an async iterable of JavaScript's */
  stream: 20,
  /** int32 number of a delegate that gives the next items of an async iterable of .NET's */
  source: 21,
  /** the same for a Stream */
  byteSource: 22,
  /** int32 number: to .NET of a function, from .NET of a delegate, that completes when the signal is aborted */
  signal: 23,
  /** int32 number of a function whose result is the promise */
  promise: 24,
  /** int32 number of a delegate whose result is the Task */
  task: 25,
} as const;

/** Kinds of elements, in the order of their numbers (`ElementKind` in .NET), with the bytes of one. */
export const elementKinds = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** So many lists and dictionaries may lie in each other. */
export const VALUE_DEPTH = 64;

/** So many bytes may values take that cross together, large buffers not counted: no text of V8's is longer. */
export const VALUE_BYTES = 2 ** 29 - 24;

/** A buffer that is referred to may be so large: no array of .NET's is larger. */
export const BUFFER_BYTES = 0x7fffffc7;
