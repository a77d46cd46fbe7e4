import express from 'express';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { features, note, notes, reportedErrors, topic } from '../support/aspnet-http.ts';
import { Connection } from '../support/connection.ts';
import { answerOf, ask, serveHttp2 } from '../support/http2.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe('an app that throws', () => {
  test('before the response has started gives its error to express', async () => {
    const of = topic();
    let error: Error | undefined;
    const app = express().use(features);
    app.use(((caught, _req, res, _next) => {
      error = caught;
      res.status(500).send('from express');
    }) as express.ErrorRequestHandler);
    const { url } = await serve(app);
    const answer = await request(`${url}/throw?ended=${of}`);
    expect([answer.status, answer.body]).toEqual([500, 'from express']);
    expect(answer.headers).not.toHaveProperty('x-app');
    expect(error).toMatchObject({ name: 'System.FormatException', message: "of the app's" });
    // What loggers see, and what the server logs.
    expect(await notes(of)).toEqual(['500']);
    expect(await notes('log')).toContainEqual("ApplicationError: FormatException: of the app's");
  });

  test('without express is a 500', async () => {
    const { url } = await serve(features);
    expect((await request(`${url}/throw`)).status).toBe(500);
    expect(reportedErrors()).toMatchObject([{ name: 'System.FormatException' }]);
  });

  test('after it has written cuts the response off', async () => {
    const { url } = await serve(features);
    await expect(request(`${url}/throw?after=write`)).rejects.toThrow();
    expect(reportedErrors()).toMatchObject([{ name: 'System.FormatException' }]);
  });

  test('a BadHttpRequestException is answered with its status', async () => {
    const { url } = await serve(express().use(features));
    const answer = await request(`${url}/bad-request`);
    expect([answer.status, answer.body]).toEqual([418, '']);
    expect(reportedErrors()).toEqual([]);
  });
});

describe('Abort', () => {
  test('drops the connection; what is written after it is dropped', async () => {
    const { port } = await serve(features);
    const [of, until] = [topic(), topic()];
    const connection = await Connection.open(port);
    connection.get(`/abort?topic=${of}&until=${until}`);
    await connection.until('part');
    await note(until);
    expect(await connection.end()).not.toContain('0\r\n\r\n');
    expect(await notes(of)).toEqual(['True']);
  });

  test('resets the stream of HTTP/2', async () => {
    const { session } = await serveHttp2(features);
    const [of, until] = [topic(), topic()];
    const answer = ask(session, { ':path': `/abort?topic=${of}&until=${until}` });
    await note(until);
    expect((await answer).code).not.toBe(0);
    await notes(of);
  });
});

describe('a client that leaves', () => {
  test('cancels RequestAborted; writes, flushes and files are dropped', async () => {
    const { port } = await serve(features);
    const of = topic();
    const connection = await Connection.open(port);
    connection.get(`/gone?topic=${of}`);
    await connection.until('part');
    connection.destroy();
    expect(await notes(of, 2)).toEqual([
      'writes: dropped, reader gone: True',
      'TaskCanceledException',
    ]);
  });

  test('before anything was sent is a 499 to those who log', async () => {
    const { port } = await serve(features);
    const [of, ended] = [topic(), topic()];
    const connection = await Connection.open(port);
    connection.get(`/gone/unsent?topic=${of}&ended=${ended}`);
    await notes(of);
    connection.destroy();
    expect(await notes(ended)).toEqual(['499']);
    expect(reportedErrors()).toEqual([]);
  });
});

describe('a path that no endpoint has', () => {
  const behind = (fallthrough?: boolean) => {
    const options = fallthrough === undefined ? {} : { fallthrough };
    const handler = load(appPath('AspNetHttp'), options);
    return express()
      .use(handler)
      .use((_req, res) => void res.end('from JavaScript'));
  };

  test('goes on with next() where fallthrough is true', async () => {
    const { url } = await serve(behind(true));
    const answer = await request(`${url}/nowhere`);
    expect([answer.status, answer.body]).toEqual([200, 'from JavaScript']);
    // An answer of the app's own is final, whatever its status.
    const own = await request(`${url}/not-found`);
    expect([own.status, own.body]).toEqual([404, '']);
    const written = await request(`${url}/not-written`);
    expect([written.status, written.body]).toEqual([404, '"written"']);
  });

  test('goes on with the headers that the app has set, and its callbacks', async () => {
    const { url } = await serve(behind(true));
    const of = topic();
    const answer = await request(`${url}/nowhere?header=yes&ended=${of}`, {
      method: 'POST',
      body: 'x',
    });
    expect(answer.body).toBe('from JavaScript');
    expect(answer.headers).toMatchObject({ 'x-middleware': '1', 'x-starting': '1' });
  });

  test('is a 404 where fallthrough is false', async () => {
    const { url } = await serve(behind(false));
    expect((await request(`${url}/nowhere`)).status).toBe(404);
  });
});

describe('IHttpResetFeature', () => {
  test('answers with a code and nothing else', async () => {
    const { session } = await serveHttp2(features);
    const answer = await ask(session, { ':path': '/reset?code=8' });
    expect([answer.code, answer.status]).toEqual([8, 0]);
  });

  test.each([0, 13])('ends a response that has begun with the code %i', async (code) => {
    const { session } = await serveHttp2(features);
    const until = topic();
    const stream = session.request({ ':path': `/reset?code=${code}&until=${until}` });
    stream.once('data', () => void note(until));
    const answer = await answerOf(stream);
    expect([answer.code, answer.text]).toEqual([code, 'part']);
  });

  test('is not there on HTTP/1.1', async () => {
    const { url } = await serve(features);
    expect((await request(`${url}/reset?code=8`)).body).toBe('no such feature');
  });
});
