import { describe, expect, test } from 'vitest';
import { frontends } from '../support/frontends.ts';
import { kitchen, script } from '../support/kitchen.ts';
import { refused, respond } from '../support/respond.ts';

describe('the status', () => {
  test.each([
    ['null:', 200],
    ['0', 200],
    ['long:0', 200],
    ['201', 201],
    ['long:202', 202],
    ['short:203', 203],
    ['byte:206', 206],
    ['ulong:404', 404],
    ['enum:Conflict', 409],
    ['599', 599],
    ['999', 999],
  ])('%s is sent as %i', async (value, status) => {
    expect((await respond(kitchen, script(`status=${value}`, 'write=x'))).status).toBe(status);
  });

  test.each([
    '1',
    '99',
    '100',
    '101',
    '103',
    '199',
    '-1',
    '-200',
    '1000',
    'long:4294967496',
    'ulong:18446744073709551615',
  ])('%s is refused', async (value) => {
    expect(await refused(script(`status=${value}`, 'write=x'))).toContain(
      'owin.ResponseStatusCode',
    );
  });

  test.each([
    ['text:200', 'System.String'],
    ['double:200', 'System.Double'],
  ])('%s is refused, naming its type', async (value, type) => {
    expect(await refused(script(`status=${value}`, 'write=x'))).toContain(type);
  });
});

describe.each(['express 5', 'node:http'])('the reason in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);
  const statusLine = async (...steps: string[]) =>
    (await respond(app, script(...steps))).head.split('\r\n')[0];

  test.each([
    ['text:Fine by Me', 'HTTP/1.1 200 Fine by Me'],
    ['text:', 'HTTP/1.1 200 OK'],
    ['text:   ', 'HTTP/1.1 200 OK'],
    ['null:', 'HTTP/1.1 200 OK'],
    ['text:Très bien', 'HTTP/1.1 200 Tr\xe8s bien'],
  ])('%j gives %j', async (reason, line) => {
    expect(await statusLine(`reason=${reason}`, 'write=x')).toBe(line);
    expect(await statusLine(`reason=${reason}`, 'flush', 'yield', 'write=x')).toBe(line);
  });

  test('is the standard one for the status otherwise', async () => {
    expect(await statusLine('status=404')).toBe('HTTP/1.1 404 Not Found');
    expect(await statusLine('status=599')).toMatch(/^HTTP\/1.1 599 \S/);
  });
});

describe('the reason', () => {
  test('that JavaScript set before is not that of .NET’s status', async () => {
    const { head } = await respond(
      (req, res) => {
        res.statusMessage = 'Set by JavaScript';
        kitchen(req, res);
      },
      script('status=404', 'write=x'),
    );
    expect(head).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test.each(['a\rb', 'a\nX-Injected: 1', 'a\0b', 'a\u0100b', '♪'])(
    '%j is refused',
    async (reason) => {
      expect(await refused(script(`reason=text:${reason}`, 'write=x'))).toContain(
        'owin.ResponseReasonPhrase',
      );
    },
  );

  test('that is no text is refused, naming its type', async () => {
    expect(await refused(script('reason=5', 'write=x'))).toContain('System.Int32');
  });
});

test('owin.ResponseProtocol is ignored', async () => {
  const { head } = await respond(kitchen, script('protocol=HTTP/1.0', 'write=x'));
  expect(head).toMatch(/^HTTP\/1.1 200/);
});
