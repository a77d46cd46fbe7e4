// The codes, messages and help of errors.json, for each language and for docs/.
import { pascal } from './names.mjs';

export function typescriptErrors(errors, notice) {
  const out = [
    `// ${notice}`,
    '',
    '/** Message template and base class of every error code. */',
    'export const errorTable = {',
  ];
  for (const [code, e] of Object.entries(errors))
    out.push(`  ${code}: { base: '${e.base}', message: ${JSON.stringify(e.message)} },`);
  out.push(
    '} as const;',
    '',
    '/** A code of owin’s own errors. */',
    'export type OwinErrorCode = keyof typeof errorTable;',
    '',
  );
  return out.join('\n');
}

export function typescriptHelp(errors, notice) {
  const out = [
    `// ${notice}`,
    "import type { OwinErrorCode } from '../errors.generated.ts';",
    '',
    '/** What to do about each error. */',
    'export const errorHelp: Record<OwinErrorCode, string> = {',
  ];
  for (const [code, e] of Object.entries(errors)) out.push(`  ${code}: ${JSON.stringify(e.help)},`);
  out.push('};', '');
  return out.join('\n');
}

export function csharpErrors(errors, notice) {
  const out = [
    `// ${notice}`,
    'namespace Owin.Host;',
    '',
    '/// <summary>The codes of owin’s own errors.</summary>',
    'internal static class ErrorCodes',
    '{',
  ];
  for (const code of Object.keys(errors))
    out.push(
      `    public const string ${code.replace('ERR_OWIN_', '').toLowerCase().split('_').map(pascal).join('')} = "${code}";`,
    );
  out.push('}');
  return out.join('\n') + '\n';
}

export function nativeErrors(errors, notice) {
  const out = [
    `// ${notice}`,
    '#ifndef OWIN_ERRORS_GENERATED_H_',
    '#define OWIN_ERRORS_GENERATED_H_',
    '',
  ];
  for (const code of Object.keys(errors)) out.push(`#define ${code} "${code}"`);
  out.push('', '#endif', '');
  return out.join('\n');
}

export function errorDocs(errors, notice) {
  const out = [
    '# Errors',
    '',
    `<!-- ${notice} -->`,
    '',
    'Every error of owin’s own is an `OwinError` with a `code`. Match on the code, not on the message. Errors of the app keep their .NET type as `name`, with message, .NET stack and `cause` chain.',
    '',
  ];
  for (const [code, e] of Object.entries(errors))
    out.push(
      `## ${code}`,
      '',
      `Base class: \`${e.base}\`. Message: ${e.message === '{detail}' ? 'says what was found and what was looked for' : `“${e.message}”`}.`,
      '',
      `What to do: ${e.help}`,
      '',
    );
  return out.join('\n').trimEnd() + '\n';
}
