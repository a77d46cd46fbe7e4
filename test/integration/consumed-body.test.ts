import { once } from 'node:events';
import { Readable } from 'node:stream';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { kitchen, lines } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

type Express = typeof express;

const json = { 'Content-Type': 'application/json; charset=utf-8' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe.each([
  ['express 5', express],
  ['express 4', express4],
] as [string, Express][])('a body that a parser of %s has read', (_, express) => {
  async function bodyBehind(
    parser: express.RequestHandler,
    headers: Record<string, string>,
    body: string | Buffer,
  ) {
    const { url } = await serve(express().use(parser).use(kitchen));
    return lines((await request(`${url}/body`, { method: 'POST', headers, body })).body);
  }

  test('comes again as JSON', async () => {
    const seen = await bodyBehind(express.json(), json, '{ "a": [1, "é"],\n "b": null }');
    expect(seen).toMatchObject({
      text: '{"a":[1,"é"],"b":null}',
      consumed: 'absent',
      null: 'False',
    });
  });

  test('comes again as a form', async () => {
    const body = 'a=1&a=2&b=x+y%26z&c%5Bd%5D=%C3%A9&e=';
    const simple = await bodyBehind(
      express.urlencoded({ extended: false }),
      form,
      'a=1&a=2&b=x+y%26z&e=',
    );
    expect(simple['text']).toBe('a=1&a=2&b=x+y%26z&e=');
    const extended = await bodyBehind(express.urlencoded({ extended: true }), form, body);
    expect(extended['text']).toBe(body);
  });

  test('comes again as it was where the parser keeps bytes or text', async () => {
    const bytes = Buffer.from('{ "kept" : true }');
    expect((await bodyBehind(express.raw({ type: '*/*' }), json, bytes))['text']).toBe(
      String(bytes),
    );
    expect((await bodyBehind(express.text({ type: '*/*' }), json, bytes))['text']).toBe(
      String(bytes),
    );
    const plain = { 'Content-Type': 'text/plain' };
    expect((await bodyBehind(express.text(), plain, 'plain é'))['text']).toBe('plain é');
  });

  test('comes from rawBody where middleware has kept that', async () => {
    const keep = express.json({
      verify: (req, _res, bytes) => void Object.assign(req, { rawBody: bytes }),
    });
    const body = '{ "spaces" :   1 }';
    expect((await bodyBehind(keep, json, body))['text']).toBe(body);
  });

  test('is streamed when the parser has left it alone', async () => {
    const plain = { 'Content-Type': 'text/plain' };
    expect((await bodyBehind(express.json(), plain, 'no json'))['text']).toBe('no json');
  });

  test('of 200 KB comes again whole', async () => {
    const value = 'é'.repeat(100_000);
    const parser = express.json({ limit: '1mb' });
    const { url } = await serve(express().use(parser).use(kitchen));
    const body = JSON.stringify({ value });
    const answer = await request(`${url}/echo`, { method: 'POST', headers: json, body });
    expect(answer.body).toBe(body);
  });

  test('is read by Stream.Read as well', async () => {
    const { url } = await serve(express().use(express.json()).use(kitchen));
    const answer = await request(`${url}/sync-read`, {
      method: 'POST',
      headers: json,
      body: '{"a":1}',
    });
    expect(answer.body).toMatch(/^7 /);
  });

  test('does not stop the next request on the socket', async () => {
    const { url } = await serve(express().use(express.json()).use(kitchen));
    for (const path of ['/hello', '/read-partly?n=2'])
      expect(
        (await request(url + path, { method: 'POST', headers: json, body: '{"a":1}' })).status,
      ).toBe(200);
  });
});

describe('a body that JavaScript has touched', () => {
  test.each([5, 40_000])(
    'by setting an encoding arrives all the same: %i characters',
    async (length) => {
      const { url } = await serve((req, res) => {
        req.setEncoding('utf8');
        kitchen(req, res);
      });
      const body = 'é'.repeat(length);
      for (const sent of [body, Readable.from([Buffer.from(body)])])
        expect((await request(`${url}/echo`, { method: 'POST', body: sent })).body).toBe(body);
    },
  );

  test('by pausing the request arrives all the same', async () => {
    const { url } = await serve((req, res) => {
      req.pause();
      kitchen(req, res);
    });
    expect((await request(`${url}/echo`, { method: 'POST', body: 'paused' })).body).toBe('paused');
  });

  test('by reading a part has the rest', async () => {
    const { url } = await serve(async (req, res) => {
      await once(req, 'readable');
      req.read(4);
      kitchen(req, res);
    });
    expect((await request(`${url}/echo`, { method: 'POST', body: 'gone, rest' })).body).toBe(
      ', rest',
    );
  });

  test('by putting something in its place that is no JSON is gone', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const value of [circular, { big: 1n }]) {
      const { url } = await serve(
        express()
          .use(express.json(), (req, _res, next) => {
            req.body = value;
            next();
          })
          .use(kitchen),
      );
      const { body } = await request(`${url}/body`, { method: 'POST', headers: json, body: '{}' });
      expect(lines(body)).toMatchObject({ text: '', consumed: 'True' });
    }
  });
});

describe('a body that is gone', () => {
  test('is empty and says so in node.BodyConsumed', async () => {
    const { url } = await serve(async (req, res) => {
      req.resume();
      await once(req, 'end');
      kitchen(req, res);
    });
    const { body } = await request(`${url}/body`, { method: 'POST', body: 'gone' });
    expect(lines(body)).toMatchObject({ text: '', consumed: 'True' });
  });

  test('is so too when what the parser made of it cannot be turned back', async () => {
    const { url } = await serve(
      express()
        .use(async (req, _res, next) => {
          req.resume();
          await once(req, 'end');
          req.body = { file: 'moved elsewhere' };
          next();
        })
        .use(kitchen),
    );
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const { body } = await request(`${url}/body`, { method: 'POST', headers, body: '--x--' });
    expect(lines(body)).toMatchObject({ text: '', consumed: 'True' });
  });
});
