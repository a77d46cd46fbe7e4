// Everything at once: .NET among express's own middleware.
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import zlib from 'node:zlib';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { mounting } from '../support/frontends.ts';
import { allLetGo, kitchen, notes, script, topic } from '../support/kitchen.ts';
import { type Answer, request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

type Visits = { visits?: number };

/** JSON texts of so many bytes. */
const bodies: Record<string, string> = {
  '0': '',
  '1': '7',
  '16 KB': JSON.stringify([randomBytes(8190).toString('hex')]),
  '5 MB': JSON.stringify(['x'.repeat(5 * 1024 * 1024 - 4)]),
};

/** Session and compression, then `middle`, then a router that tells what it got. */
function stack(name: string, ...middle: RequestHandler[]): RequestListener {
  const sessions = session({ secret: 'not a secret', resave: false, saveUninitialized: true });
  const { Router } = name === 'express 4' ? express4 : express;
  const router = Router();
  router.post('/script', (req, res) => {
    const visits = (((req as { session?: Visits }).session as Visits).visits ??= 0) + 1;
    ((req as { session?: Visits }).session as Visits).visits = visits;
    const length = req.body === undefined ? undefined : JSON.stringify(req.body).length;
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ length, visits, before: res.getHeader('X-Before') }));
  });
  const app = (mounting[name] as (typeof mounting)[string])(
    compression({ threshold: 0 }) as never,
  ) as express.Express;
  for (const each of [sessions, ...middle, router]) app.use(each as RequestHandler);
  return app;
}

const json = () => express.json({ limit: '6mb', strict: false }) as RequestHandler;

async function post(url: string, body: string, more: Record<string, string> = {}): Promise<Answer> {
  const headers = { 'Accept-Encoding': 'gzip', 'Content-Type': 'application/json', ...more };
  return request(url, { method: 'POST', headers, body });
}

const unzipped = ({ bytes }: Answer) => JSON.parse(String(zlib.gunzipSync(bytes)));

describe.each(Object.keys(mounting))('json, session, compression and a router in %s', (name) => {
  describe.each([
    ['before', [kitchen as RequestHandler, json()]],
    ['behind', [json(), kitchen as RequestHandler]],
  ])('with .NET %s the parser', (_, middle) => {
    test.each(Object.keys(bodies))('a POST of %s bytes', async (size) => {
      const body = bodies[size] as string;
      const { url } = await serve(stack(name, ...middle));
      const id = topic();
      const steps = ['header=X-Before:.NET', 'header=Set-Cookie:net=1', 'on-sending=header'];
      const path = script(`id=${id}`, ...steps, 'next', 'note=done');
      const first = await post(url + path, body);
      const cookies = valuesOf(first, 'Set-Cookie');
      const session = cookies.find((each) => each.startsWith('connect.sid=')) as string;
      expect(cookies).toEqual(expect.arrayContaining(['net=1', session]));
      const second = await post(url + path, body, { Cookie: session.split(';')[0] as string });
      for (const answer of [first, second]) {
        expect(answer.status).toBe(200);
        expect(valuesOf(answer, 'Content-Encoding')).toEqual(['gzip']);
        expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
        // body-parser 1 gives an empty object where there is nothing to parse.
        const { length, before } = unzipped(answer);
        if (size === '0') expect([undefined, 2]).toContain(length);
        else expect(length).toBe(body.length);
        expect(before).toBe('.NET');
      }
      expect([first, second].map((each) => unzipped(each).visits)).toEqual([1, 2]);
      expect((await notes(id, 4)).filter((each) => each === 'done')).toHaveLength(2);
      await allLetGo();
    });
  });

  test.each(Object.keys(bodies))('.NET as the last of them echoes %s bytes', async (size) => {
    const body = bodies[size] as string;
    const { url } = await serve(
      stack(
        name,
        json(),
        ((req, _res, next) => {
          req.url = '/echo';
          next();
        }) as RequestHandler,
        kitchen as RequestHandler,
      ),
    );
    const answer = await post(url, body);
    const echoed =
      valuesOf(answer, 'Content-Encoding')[0] === 'gzip'
        ? zlib.gunzipSync(answer.bytes)
        : answer.bytes;
    expect(answer.status).toBe(200);
    if (size !== '0') expect(String(echoed) === body).toBe(true);
    expect(valuesOf(answer, 'Set-Cookie')[0]).toMatch(/^connect\.sid=/);
    await allLetGo();
  });
});
