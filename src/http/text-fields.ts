/** The list of texts that begins at `position` (`TextFields` on the .NET side). */
export function readTexts(bytes: Buffer, position: number): string[] {
  const fields = new Array<string>(bytes.readInt32LE(position));
  let at = position + 4;
  for (let i = 0; i < fields.length; i++) {
    const length = bytes.readInt32LE(at);
    at += 4;
    fields[i] = bytes.toString('utf8', at, at + length);
    at += length;
  }
  return fields;
}
