import type { RequestListener } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { kitchen, note, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { cutOff, framing, late, refused, respond } from '../support/respond.ts';
import { serve } from '../support/serve.ts';

beforeAll(() => kitchen.ready);

describe('more bytes than the Content-Length', () => {
  const length = 'header=Content-Length:3';

  test('in the first write: the write throws and the answer is 500', async () => {
    const { status, text, next } = await respond(
      kitchen,
      script(length, 'header=X-App:1', 'write=12345'),
    );
    expect([status, text]).toEqual([500, '']);
    expect((await next()).status).toBe(200);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('in the first write, caught: nothing of it has left and the app may write what fits', async () => {
    const id = topic();
    const response = await respond(
      kitchen,
      script(`id=${id}`, length, 'try', 'write=12345', 'write=123'),
    );
    expect([response.status, response.text]).toEqual([200, '123']);
    expect((await notes(id))[0]).toContain('System.InvalidOperationException');
  });

  test('in a later write: the write throws, the connection drops and the excess never leaves', async () => {
    const all = await cutOff(script(length, 'write=12', 'flush', 'yield', 'write=QQ'));
    expect(all.includes('QQ')).toBe(false);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('in a later write, caught: the connection drops all the same', async () => {
    const id = topic();
    expect(
      await cutOff(script(`id=${id}`, length, 'write=12', 'try', 'write=QQ', 'write=5')),
    ).not.toContain('QQ');
    expect((await notes(id))[0]).toContain('System.InvalidOperationException');
    expect(reportedErrors()).toHaveLength(1);
  });
});

describe('fewer bytes than the Content-Length', () => {
  test('none: 500', async () => {
    expect(await refused(script('header=Content-Length:3', 'header=X-App:1'))).toMatch(
      /fewer.*0 instead of 3/,
    );
  });

  test.each([
    ['some', ['write=12']],
    ['a flush', ['flush']],
    ['a flush on the wire', ['flush', 'await=WIRE']],
  ])('%s: the connection is destroyed', async (_, steps) => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    const id = topic();
    connection.get(
      script('header=Content-Length:3', ...steps.map((step) => step.replace('WIRE', id))),
    );
    if (steps.length > 1) await connection.until('\r\n\r\n');
    await note(id);
    const all = await connection.end();
    expect(all.replace(/^HTTP.*\r\n\r\n/s, '').length).toBeLessThan(3);
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_RESPONSE' }]);
  });
});

describe('Content-Length and Transfer-Encoding', () => {
  test('a lone chunked from the app is removed', async () => {
    const chunked = 'header=Transfer-Encoding:chunked';
    expect(framing(await respond(late(kitchen), script(chunked, 'write=12345')))).toEqual([
      '5',
      null,
    ]);
    const both = script(chunked, 'header=Content-Length:5', 'write=12345');
    expect(framing(await respond(kitchen, both))).toEqual(['5', null]);
    const streamed = script(chunked, 'write=12345', 'flush', 'await=never');
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    expect(await connection.get(streamed).until('\r\n\r\n')).toMatch(/Transfer-Encoding: chunked/i);
  });

  test.each(['gzip', 'gzip, chunked', 'identity', 'x'])(
    '%s from the app is refused',
    async (encoding) => {
      expect(await refused(script(`header=Transfer-Encoding:${encoding}`, 'write=x'))).toContain(
        'Transfer-Encoding',
      );
    },
  );

  test.each([
    ['complete', ['write=12345']],
    ['of a known length', ['header=Content-Length:5', 'write=123', 'flush', 'yield', 'write=45']],
    ['streamed', ['write=123', 'flush', 'yield', 'write=45']],
    ['empty', []],
  ])('set by JavaScript before are never both on the wire: %s', async (_, steps) => {
    const { next, ...response } = await respond(
      (req, res) => {
        if (req.url !== '/hello') res.setHeader('Transfer-Encoding', 'chunked');
        kitchen(req, res);
      },
      script(...steps),
    );
    expect(framing(response).filter((each) => each !== null)).toHaveLength(1);
    expect(response.text).toBe(steps.length === 0 ? '' : '12345');
    expect((await next()).status).toBe(200);
  });

  const lying: RequestListener = (req, res) => {
    if (req.url !== '/hello') res.setHeader('Content-Length', 3);
    kitchen(req, res);
  };

  test('a Content-Length set by JavaScript before does not frame what .NET writes at once', async () => {
    const { next, ...response } = await respond(late(lying), script('write=12345678'));
    expect([...framing(response), response.text]).toEqual(['8', null, '12345678']);
    expect((await next()).status).toBe(200);
  });

  test('a Content-Length set by JavaScript before does not frame what .NET streams', async () => {
    const { port } = await serve(lying);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script('write=12345', `await=${id}`, 'write=678'));
    const head = await connection.until('\r\n\r\n');
    expect(head).toContain('Transfer-Encoding: chunked');
    expect(head).not.toContain('Content-Length');
    await note(id);
    expect(await connection.until('\r\n0\r\n\r\n')).toBe('5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n');
  });

  test.each([
    ['identical ones', ['5', '5']],
    ['and a null', ['5', '<hole>']],
  ])('Content-Length twice collapses: %s', async (_, values) => {
    const lengths = values.map((value) => `header=Content-Length:${value}`);
    expect(framing(await respond(kitchen, script(...lengths, 'write=12345')))).toEqual(['5', null]);
  });

  test.each([
    ['5', '6'],
    ['5', '5', '05'],
    ['five'],
    ['-5'],
    ['+5'],
    ['5.0'],
    ['5, 5'],
    ['0x5'],
    [' 5'],
    ['٥'],
    [''],
    ['99999999999999999999'],
  ])('Content-Length %j %j is refused', async (...values) => {
    const lengths = values
      .filter((each) => each !== undefined)
      .map((value) => `header=Content-Length:${value}`);
    expect(await refused(script(...lengths, 'header=X-App:1', 'write=12345'))).toContain(
      'Content-Length',
    );
  });

  test('Content-Length in two casings of a dictionary that knows the difference', async () => {
    const two = (...values: string[]) =>
      script(
        'headers=ordinal',
        ...values.map((value, i) => `header=${i ? 'content-length' : 'Content-Length'}:${value}`),
        'write=12345',
      );
    expect(framing(await respond(kitchen, two('5', '5')))).toEqual(['5', null]);
    expect(await refused(two('5', '6'))).toContain('Content-Length');
  });
});

describe('204, 205 and 304 with a body', () => {
  test.each([204, 205, 304])('%i: the write throws and nothing of it leaves', async (status) => {
    const id = topic();
    const steps = [
      `id=${id}`,
      `status=${status}`,
      'try',
      'write=body',
      'flush',
      'write=body',
      'write-sync=body',
    ];
    const { next, ...response } = await respond(kitchen, script(...steps));
    const length = status === 205 ? '0' : null;
    expect([response.status, ...framing(response)]).toEqual([status, length, null]);
    expect((await next()).text).toContain('Hello');
    const [first, , second, third] = await notes(id, 4);
    for (const each of [first, second, third])
      expect(each).toContain('System.InvalidOperationException');
  });

  test.each([204, 205, 304])('%i: uncaught before the start it is a 500', async (status) => {
    expect((await respond(kitchen, script(`status=${status}`, 'write=body'))).status).toBe(500);
    expect(reportedErrors()).toMatchObject([{ name: 'System.InvalidOperationException' }]);
  });

  test('204 with a Content-Length other than 0 is refused', async () => {
    for (const status of ['204', '205'])
      expect(await refused(script(`status=${status}`, 'header=Content-Length:5'))).toContain(
        `${status} cannot have a Content-Length`,
      );
  });
});
