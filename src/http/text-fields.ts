/** The list of texts from `at` to `end` (`TextFields` on the .NET side); undefined where that is none. */
export function readTexts(bytes: Buffer, at: number, end: number): string[] | undefined {
  if (at + 4 > end || end > bytes.length) return undefined;
  const fields: string[] = [];
  let left = bytes.readInt32LE(at);
  for (let position = at + 4; left > 0; left--) {
    const start = position + 4;
    if (start > end) return undefined;
    position = start + bytes.readInt32LE(position);
    if (position < start || position > end) return undefined;
    fields.push(bytes.toString('utf8', start, position));
  }
  return fields;
}
