import { Readable } from 'node:stream';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import { describe, expect, test } from 'vitest';
import { kitchen, note, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const behind = (...handlers: RequestHandler[]) => express().use(kitchen, ...handlers);

describe('OnSendingHeaders behind node.Next', () => {
  test.each<[string, RequestHandler, number]>([
    ['an implicit head', (_req, res) => void res.status(202).end('x'), 202],
    ['an explicit head', (_req, res) => void res.writeHead(203, { 'X-A': 'b' }).end(), 203],
    ['a streamed body', (_req, res) => void Readable.from(['a', 'b']).pipe(res), 200],
    [
      'flushed headers',
      (_req, res) => {
        res.flushHeaders();
        res.end();
      },
      200,
    ],
    ['express json', (_req, res) => void res.status(201).json({ a: 1 }), 201],
    ['a 404 of express', (_req, _res, next) => next(), 404],
    [
      'an error of express',
      (_req, _res, next) =>
        next(Object.assign(new Error(), { status: 418, expose: true, stack: '' })),
      418,
    ],
  ])('runs for %s', async (_, handler, status) => {
    const { url } = await serve(behind(handler));
    const answer = await request(url + script('on-sending=header', 'next'));
    expect(answer.status).toBe(status);
    expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
  });

  test('sees status and headers of the handlers behind, and those set before', async () => {
    const { url } = await serve(
      behind((_req, res) => {
        res.setHeader('X-Behind', 'ü');
        res.setHeader('Set-Cookie', ['a=1', 'b=2']);
        res.writeHead(299, ['X-Pair', 'one', 'X-Pair', 'two']).end();
      }),
    );
    const id = topic();
    const steps = [`id=${id}`, 'header=X-Before:early', 'on-sending=show', 'next', 'note=done'];
    const answer = await request(url + script(...steps));
    const seen = await notes(id, 7);
    expect(seen).toContain('status 299');
    expect(seen).toContain('X-Behind: ü');
    expect(seen).toContain('X-Before: early');
    expect(seen).toContain('Set-Cookie: a=1 | b=2');
    expect(seen).toContain('X-Pair: one | two');
    expect(valuesOf(answer, 'X-Pair')).toEqual(['one', 'two']);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
  });

  test('may change the status and take headers away', async () => {
    const { url } = await serve(
      behind((_req, res) => void res.set('X-Behind', 'x').send('teapot')),
    );
    const answer = await request(url + script('on-sending=status', 'on-sending=remove', 'next'));
    expect([answer.status, answer.body]).toEqual([418, 'teapot']);
    expect(valuesOf(answer, 'X-Behind')).toEqual([]);
    expect(valuesOf(answer, 'X-Renamed')).toEqual(['1', '2']);
  });

  test('runs once, the last registered first', async () => {
    const { url } = await serve(behind((_req, res) => void res.send('x')));
    const id = topic();
    await request(url + script(`id=${id}`, 'on-sending=a', 'on-sending=b', 'next', 'note=end'));
    expect(await notes(id, 3)).toEqual(['sending b', 'sending a', 'end']);
  });

  test('goes together with compression and sessions', async () => {
    const app = express().use(
      compression({ threshold: 0 }),
      session({ secret: 's', resave: false, saveUninitialized: true }),
      kitchen,
      (_req, res) => void res.type('text').send('x'.repeat(10_000)),
    );
    const { url } = await serve(app);
    const answer = await request(url + script('on-sending=header', 'next'), {
      headers: { 'Accept-Encoding': 'gzip' },
    });
    expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
    expect(valuesOf(answer, 'Content-Encoding')).toEqual(['gzip']);
    expect(valuesOf(answer, 'Set-Cookie')[0]).toContain('connect.sid');
  });

  test('a callback that throws: 500, and the error is reported', async () => {
    const { url } = await serve(behind((_req, res) => void Readable.from(['x']).pipe(res)));
    const answer = await request(url + script('on-sending=throw', 'next'));
    expect(answer.status).toBe(500);
    expect(reportedErrors()).toMatchObject([
      { name: 'System.InvalidOperationException', message: 'thrown in OnSendingHeaders' },
    ]);
  });

  test('a callback that writes gets an error: the body is JavaScript’s', async () => {
    const { url } = await serve(behind((_req, res) => void res.send('x')));
    const answer = await request(url + script('on-sending=write', 'next'));
    expect(answer.status).toBe(500);
    expect(reportedErrors()[0]?.message).toContain("behind 'node.Next'");
  });

  test('a callback that blocks holds up its response for 2 s, and no other callback', async () => {
    const { url } = await serve(behind((_req, res) => void res.send('x')));
    const id = topic();
    const begin = performance.now();
    const answer = await request(url + script(`id=${id}`, 'on-sending=block', 'next'));
    expect(performance.now() - begin).toBeGreaterThan(1_990);
    expect([answer.status, answer.body]).toEqual([200, 'x']);
    expect(reportedErrors()).toMatchObject([{ code: 'ERR_OWIN_SENDING_HEADERS_TIMEOUT' }]);
    const other = await request(url + script('on-sending=header', 'next'));
    expect(valuesOf(other, 'X-Sending')).toEqual(['yes']);
    await note(`${id}:go`);
  });

  test('a client that has left asks nobody', async () => {
    const { url } = await serve(behind((_req, res) => void res.destroy()));
    const id = topic();
    await request(url + script(`id=${id}`, 'on-sending=a', 'try', 'next')).catch(() => {});
    expect(await notes(id, 1)).toEqual([expect.stringContaining('IOException')]);
  });

  test.each([0, 1, 16 * 1024, 5 * 1024 * 1024])(
    'a POST of %i bytes reaches the handlers behind',
    async (size) => {
      const app = express().use(kitchen, express.json({ limit: '6mb' }));
      app.use(
        express
          .Router()
          .post('/script', (req, res) => void res.json({ length: req.body?.text?.length })),
      );
      const { url } = await serve(app);
      const body = size === 0 ? '' : JSON.stringify({ text: 'x'.repeat(size) });
      const answer = await request(url + script('on-sending=header', 'next'), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      expect(JSON.parse(answer.body)).toEqual(size === 0 ? {} : { length: size });
      expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
    },
  );
});
