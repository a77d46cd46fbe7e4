/** Kinds of values as they cross: dotnet/Owin.Host/Functions/ValueTag.cs has the same. */
export const ValueTag = {
  null: 0,
  false: 1,
  true: 2,
  /** int32 */
  int: 3,
  /** int64 */
  long: 4,
  /** float64 */
  double: 5,
  /** int32 length in bytes, UTF-16 */
  string: 6,
  /** float64, milliseconds since 1970 UTC */
  date: 7,
  /** int32 length, bytes */
  bytes: 8,
  /** int32 count, values */
  list: 9,
  /** int32 count, name (as a string without its tag) and value of each */
  dictionary: 10,
  /** int32 number of a function of JavaScript's */
  function: 11,
} as const;

/** So many lists and dictionaries may lie in each other. */
export const VALUE_DEPTH = 64;
