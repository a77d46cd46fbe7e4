// The keys of owin-keys.json, for C# and for docs/.
import { pascal, xml } from './names.mjs';

const keyName = (key) => key.split('.').map(pascal).join('');

export function csharpKeys(keys, notice) {
  const out = [
    `// ${notice}`,
    'namespace Owin.Host.Http;',
    '',
    '/// <summary>The keys of the OWIN environment.</summary>',
    'internal static class OwinKeys',
    '{',
  ];
  for (const group of keys.groups) {
    for (const [key, k] of Object.entries(group.keys)) {
      if (key.includes('<')) continue;
      out.push(`    /// <summary>${xml(k.about).replaceAll('`', '')}</summary>`);
      out.push(`    public const string ${keyName(key)} = "${key}";`);
    }
  }
  out.push('}');
  return out.join('\n') + '\n';
}

export function keyDocs(keys, notice) {
  const out = [
    '# Keys of the OWIN environment',
    '',
    `<!-- ${notice} -->`,
    '',
    'A handler is `Func<IDictionary<string, object>, Task>`. Keys are compared case-sensitively, header names are not.',
    '',
  ];
  for (const group of keys.groups) {
    out.push(
      `## ${group.title}`,
      '',
      '| key | type | when present | what it is | source |',
      '|---|---|---|---|---|',
    );
    for (const [key, k] of Object.entries(group.keys))
      out.push(
        `| \`${key}\` | \`${k.type}\` | ${k.present} | ${k.about.replaceAll('|', '\\|')} | ${k.source} |`,
      );
    out.push('');
  }
  return out.join('\n').trimEnd() + '\n';
}
