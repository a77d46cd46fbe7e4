import { OwinError } from 'owin';
import { expect, test } from 'vitest';
import { compileError, readDiagnostics } from '../../../src/hosting/diagnostics.ts';

test.each([
  [
    '/a b/Startup.cs(3,15): error CS1002: ; expected',
    { file: '/a b/Startup.cs', line: 3, column: 15, code: 'CS1002', message: '; expected' },
  ],
  [
    'C:\\app\\Startup.cs(3,15,3,16): error CS0103: The name (x) does not exist [C:\\app\\App.csproj]',
    {
      file: 'C:\\app\\Startup.cs',
      line: 3,
      column: 15,
      code: 'CS0103',
      message: 'The name (x) does not exist',
    },
  ],
  [
    '/app/App.csproj : error NU1101: Unable to find package No.Such [/app/App.csproj]',
    {
      file: '/app/App.csproj',
      line: 0,
      column: 0,
      code: 'NU1101',
      message: 'Unable to find package No.Such',
    },
  ],
  [
    'error CS5001: Program does not contain a Main',
    { file: '', line: 0, column: 0, code: 'CS5001', message: 'Program does not contain a Main' },
  ],
])('%s', (line, diagnostic) => {
  expect(readDiagnostics(`Restore complete\n${line}\r\n${line}\n`)).toEqual([diagnostic]);
});

test('warnings and other lines are no errors', () => {
  expect(
    readDiagnostics('/a.cs(1,1): warning CS0168: unused\nBuild FAILED.\n    0 Error(s)\n'),
  ).toEqual([]);
});

test('an error has a line for each message', () => {
  const error = compileError(
    'Startup.cs',
    '/a.cs(1,2): error CS1: one\n/a.cs(3,4): error CS2: two',
  );
  expect(error).toBeInstanceOf(OwinError);
  expect(error.code).toBe('ERR_OWIN_COMPILE');
  expect(error.message).toBe('Startup.cs does not compile:\n/a.cs:1:2 CS1 one\n/a.cs:3:4 CS2 two');
  expect(error.diagnostics).toHaveLength(2);
});

test('output without a message is not lost', () => {
  expect(compileError('Startup.cs', ' it crashed \n').message).toBe(
    'Startup.cs does not compile:\nit crashed',
  );
});
