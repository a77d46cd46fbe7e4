/** The user of a request for .NET: how it was found out, and claims as kind and value. */
export type UserValue = [authenticationType: string, claims: [kind: string, value: string][]];

// What the usual libraries call it. The kinds on the left are claim types of .NET's, see RequestUser.cs.
const kinds: Record<string, string[]> = {
  id: ['id', 'sub', '_id'],
  name: ['name', 'displayName', 'username', 'preferred_username', 'login'],
  email: ['email', 'emails'],
  role: ['role', 'roles'],
};
const skipped = new Set(['claims', 'authenticationType', 'isAuthenticated']);

/**
 * `req.user` as claims: what names it by the usual names, `claims` as they are ({ type, value }), and every other text,
 * number and boolean of its own under its own name. A text is the user's name.
 */
export function userValue(user: unknown): UserValue | undefined {
  if (typeof user === 'string') return ['node', [['name', user]]];
  if (typeof user !== 'object' || user === null) return undefined;
  const properties = user as Record<string, unknown>;
  const claims: [string, string][] = [];
  const used = new Set(skipped);
  for (const [kind, names] of Object.entries(kinds)) {
    const name = names.find((each) => textsOf(properties[each]).length > 0);
    if (name === undefined) continue;
    used.add(name);
    for (const text of textsOf(properties[name])) claims.push([kind, text]);
  }
  if (Array.isArray(properties['claims'])) {
    for (const { type, value } of properties['claims'])
      if (typeof type === 'string') claims.push([type, String(value)]);
  } else {
    for (const [name, value] of Object.entries(properties))
      if (!used.has(name)) for (const text of textsOf(value)) claims.push([name, text]);
  }
  const { authenticationType, provider } = properties;
  const type = [authenticationType, provider].find((each) => typeof each === 'string');
  return [(type as string | undefined) ?? 'node', claims];
}

/** The texts in a property: of a list all of them, of `{ value }` (an address of passport's) the value. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === 'object' && value !== null && 'value' in value)
    return typeof value.value === 'string' ? [value.value] : [];
  return [];
}
