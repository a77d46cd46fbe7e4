/** Lines `name=value` as an object. */
export function lines(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n').filter(Boolean)) {
    const at = line.indexOf('=');
    found[line.slice(0, at)] = line.slice(at + 1);
  }
  return found;
}
