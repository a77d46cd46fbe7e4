import { once } from 'node:events';
import http from 'node:http';
import type express from 'express';
import owin, { OwinError } from 'owin';
import { describe, expect, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { Connection } from '../support/connection.ts';
import { mounting } from '../support/frontends.ts';
import { allLetGo, kitchen, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

type AppError = Error & { status?: number; code?: string; hresult?: number; errors?: AppError[] };

/** The kitchen behind a frontend whose error handler keeps what it got. */
function catching(name: string): { app: http.RequestListener; errors: AppError[] } {
  const errors: AppError[] = [];
  const app = (mounting[name] as (typeof mounting)[string])(kitchen) as express.Express;
  app.use(((error: AppError, _req, res, _next) => {
    errors.push(error);
    res.statusCode = 599;
    res.end('handled');
  }) as express.ErrorRequestHandler);
  return { app, errors };
}

/** Path of a route and what its error must look like. */
const endings: [string, string, Partial<AppError>][] = [
  ['throws', '/throw', { name: 'System.InvalidOperationException', message: 'thrown by the app' }],
  [
    'faults',
    '/fault',
    { name: 'System.InvalidOperationException', message: 'faulted after an await' },
  ],
  ['is cancelled', '/cancel', { name: 'OwinError', code: 'ERR_OWIN_CANCELLED' }],
  [
    'cancels',
    script('yield', 'cancel=given up'),
    { name: 'OwinError', code: 'ERR_OWIN_CANCELLED' },
  ],
  ['returns null', '/null', { name: 'OwinError', code: 'ERR_OWIN_NULL_TASK' }],
];

describe.each(Object.keys(mounting))('a handler that fails before the response, in %s', (name) => {
  test.each(endings)('%s: next(err)', async (_, path, expected) => {
    const { app, errors } = catching(name);
    const { url } = await serve(app);
    const answer = await request(url + path);
    expect([answer.status, answer.body]).toEqual([599, 'handled']);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(Error);
    expect(errors[0]).toMatchObject({ ...expected, status: 500 });
  });

  test('leaves nothing of its headers for the error handler', async () => {
    const { app } = catching(name);
    const { url } = await serve(app);
    const answer = await request(
      url + script('status=201', 'header=X-App:1', 'header=Content-Length:7', 'throw=x'),
    );
    expect(answer.body).toBe('handled');
    expect(valuesOf(answer, 'X-App')).toEqual([]);
  });

  test('keeps the connection', async () => {
    const { app } = catching(name);
    const { port } = await serve(app);
    const connection = await Connection.open(port);
    for (let i = 0; i < 3; i++)
      expect((await connection.get('/throw').response()).status).toBe(599);
    expect((await connection.get('/hello').response()).status).toBe(200);
  });
});

describe('without an error handler', () => {
  test.each(['express 5', 'express 4', 'connect'])(
    '%s answers 500 with its own page',
    async (name) => {
      const { url } = await serve((mounting[name] as (typeof mounting)[string])(kitchen));
      const answer = await request(`${url}/throw`);
      expect(answer.status).toBe(500);
      expect(answer.body).toMatch(/System\.InvalidOperationException.*Startup\.Endings\.cs:line/s);
    },
  );
});

describe('without next', () => {
  test.each(endings)(
    'a handler that %s is answered an empty 500, and the connection is kept',
    async (_, path, expected) => {
      const { port } = await serve(kitchen);
      const connection = await Connection.open(port);
      const { status, text, headers } = await connection.get(path).response();
      expect([status, text, headers.get('content-length')]).toEqual([500, '', ['0']]);
      expect((await connection.get('/hello').response()).status).toBe(200);
      expect(reportedErrors()).toMatchObject([expected]);
    },
  );

  test('the 500 has no headers of the app', async () => {
    const { url } = await serve(kitchen);
    const answer = await request(
      url + script('header=X-App:1', 'header=Set-Cookie:a=1', 'throw=x'),
    );
    expect(answer.status).toBe(500);
    expect(answer.lines.map(([name]) => name).sort()).toEqual([
      'Connection',
      'Content-Length',
      'Date',
    ]);
    expect(reportedErrors()).toHaveLength(1);
  });

  test.each(Object.keys(mounting))("nor with errors: '500', in %s", async (name) => {
    const errors: Error[] = [];
    const handler = owin(appPath('Kitchen'), { errors: '500' }).on('error', (error) =>
      errors.push(error),
    );
    const { url } = await serve((mounting[name] as (typeof mounting)[string])(handler));
    const answer = await request(`${url}/throw`);
    expect([answer.status, answer.body]).toEqual([500, '']);
    expect(errors).toMatchObject([{ name: 'System.InvalidOperationException' }]);
    await handler.close();
  });

  test('and without a listener the error is printed', async () => {
    const handler = owin(appPath('Kitchen'));
    const { url } = await serve(handler);
    const printed: unknown[] = [];
    const { error } = console;
    console.error = (...args) => printed.push(...args);
    await request(`${url}/throw`).finally(() => {
      console.error = error;
    });
    expect(printed).toMatchObject([{ name: 'System.InvalidOperationException' }]);
    await handler.close();
  });
});

describe('the error', () => {
  async function errorOf(path: string): Promise<AppError> {
    const { app, errors } = catching('express 5');
    const { url } = await serve(app);
    await request(url + path);
    return errors[0] as AppError;
  }

  test('has the .NET type, message and stack with file and line', async () => {
    const error = await errorOf('/throw-custom');
    expect(error.name).toBe('Kitchen.KitchenFireException');
    expect(error.message).toBe('the kitchen is on fire');
    expect(error.stack).toMatch(/^Kitchen\.KitchenFireException: the kitchen is on fire\n/);
    expect(error.stack).toMatch(
      /at Kitchen\.Startup\.ThrowCustom.* in .*Startup\.Endings\.cs:line \d+/,
    );
    expect(error.hresult).toBeTypeOf('number');
    expect(error).not.toHaveProperty('code');
  });

  test('has its chain of causes', async () => {
    const error = await errorOf('/throw-custom');
    const cause = error.cause as AppError;
    expect([cause.name, cause.message]).toEqual([
      'System.TimeoutException',
      'nobody looked after the toast',
    ]);
    expect(cause.stack).toMatch(/Smoke.*Startup\.Endings\.cs:line \d+/);
    const root = cause.cause as AppError;
    expect([root.name, root.message, root.cause]).toEqual([
      'System.FormatException',
      'the toast is black',
      undefined,
    ]);
  });

  test('has the errors of an AggregateException', async () => {
    const error = await errorOf('/throw-aggregate');
    expect(error.name).toBe('System.AggregateException');
    expect(error.errors?.map((each) => each.name)).toEqual([
      'Kitchen.KitchenFireException',
      'System.InvalidOperationException',
    ]);
    expect((error.errors?.[0]?.cause as AppError | undefined)?.message).toBe('the toast is black');
  });

  test('of owin’s own has its code and is an OwinError', async () => {
    const error = await errorOf('/null');
    expect(error).toBeInstanceOf(OwinError);
    expect(error.message).toMatch(/returned null/);
  });
});

describe('a handler that fails after the start', () => {
  test.each([
    ['throws', '/throw-after-write', 'System.InvalidOperationException'],
    ['cancels', '/cancel-after-write', 'OwinError'],
    [
      'throws before anything is on the wire',
      script('write=x', 'throw=x'),
      'System.InvalidOperationException',
    ],
    ['throws behind a flush', script('flush', 'throw=x'), 'System.InvalidOperationException'],
    [
      'throws in the middle of a length',
      script('header=Content-Length:9', 'write=x', 'yield', 'throw=x'),
      'System.InvalidOperationException',
    ],
  ])('%s: the connection is aborted without a last chunk', async (_, path, name) => {
    const { port } = await serve(kitchen);
    const connection = await Connection.open(port);
    expect(await connection.get(path).end()).not.toContain('\r\n0\r\n');
    expect(reportedErrors()).toMatchObject([{ name }]);
  });

  test('is no error for next', async () => {
    const { app, errors } = catching('express 5');
    const { url } = await serve(app);
    await expect(request(`${url}/throw-after-write`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(errors).toEqual([]);
    expect(reportedErrors()).toHaveLength(1);
  });

  test('has CallCancelled cancelled', async () => {
    const { port } = await serve(kitchen);
    const id = topic();
    const connection = await Connection.open(port);
    connection.get(script(`id=${id}`, 'on-cancelled', 'write=x', 'flush', 'throw=x'));
    await connection.end();
    expect(await notes(id)).toEqual(['cancelled']);
    expect(reportedErrors()).toHaveLength(1);
  });
});

describe('a handler that never ends', () => {
  test.each(['', '&write'])('is legal, and let go when the client leaves (%s)', async (write) => {
    const { url } = await serve(kitchen);
    const id = topic();
    const req = http.get(`${url}/never?id=${id}${write}`, { agent: false });
    req.on('error', () => {});
    if (write) await once(req, 'response');
    expect(await notes('never')).toContain(id);
    req.destroy();
    await allLetGo();
  });
});
