import type http from 'node:http';
import { describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import {
  allLetGo,
  kitchen,
  note,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

// What JavaScript and clients do to a response that .NET is at work on.

describe('JavaScript that gets in the way', () => {
  test('by answering while .NET is busy: the late response is dropped', async () => {
    const id = topic();
    const { url } = await serve((req, res) => {
      kitchen(req, res);
      if (req.url?.startsWith('/script')) res.end('answered by JavaScript');
    });
    expect((await request(url + script(`await=${id}`, 'write=late'))).body).toBe(
      'answered by JavaScript',
    );
    await note(id);
    await allLetGo();
  });

  test.each([
    ['whole', ['write=late']],
    ['streamed', ['write=late', 'flush', 'yield', 'write=more']],
    ['empty', []],
    ['failed', ['throw=late']],
  ])(
    'by having begun to answer: a %s response cannot follow, and the connection closes',
    async (_, steps) => {
      const id = topic();
      const { port } = await serve((req, res) => {
        res.write('begun by JavaScript');
        kitchen(req, res);
      });
      const connection = await Connection.open(port);
      connection.get(script(`await=${id}`, ...steps));
      await connection.until('begun by JavaScript');
      await note(id);
      expect(await connection.end()).not.toContain('late');
      await allLetGo();
      reportedErrors();
    },
  );

  test('by ending the response that .NET streams: what follows is dropped', async () => {
    const id = topic();
    let ended!: http.ServerResponse;
    const { port } = await serve((req, res) => {
      kitchen(req, res);
      ended = res;
    });
    const connection = await Connection.open(port);
    connection.get(
      script('write=first', 'flush', `await=${id}`, 'write=late', 'flush', 'write=later'),
    );
    await connection.until('first');
    ended.end('ended by JavaScript');
    await connection.until('0\r\n\r\n');
    await note(id);
    await allLetGo();
  });

  test('by ending it in the same turn as .NET writes', async () => {
    const id = topic();
    let ended!: http.ServerResponse;
    const { port } = await serve((req, res) => {
      kitchen(req, res);
      ended = res;
    });
    const connection = await Connection.open(port);
    connection.get(script('write=first', 'flush', `await=${id}`, 'bytes=300000', 'bytes=300000'));
    await connection.until('first');
    ended.on('drain', () => ended.end());
    const noted = note(id);
    ended.end();
    await noted;
    await connection.until('\r\n0\r\n\r\n');
    await allLetGo();
  });

  test('by destroying the response: .NET hears of it', async () => {
    const id = topic();
    let destroyed!: http.ServerResponse;
    const { port } = await serve((req, res) => {
      kitchen(req, res);
      destroyed = res;
    });
    const connection = await Connection.open(port);
    connection.get(`/after-abort?id=${id}&write`);
    await connection.until('begun');
    destroyed.destroy();
    expect(await notes(id)).toHaveLength(1);
  });

  const throwing =
    (method: 'writeHead' | 'setHeader' | 'end' | 'write'): http.RequestListener =>
    (req, res) => {
      if (req.url !== '/hello') {
        res.setHeader('X-Js', '1');
        res[method] = () => {
          throw new Error(`thrown by a patched ${method}`);
        };
      }
      kitchen(req, res);
    };

  test.each([
    ['writeHead', ['write=x']],
    ['writeHead', ['write=x', 'flush', 'await=never-noted']],
    ['writeHead', []],
    ['setHeader', ['header=X-App:1', 'write=x']],
    ['setHeader', ['header=X-App:1', 'write=x', 'flush', 'await=never-noted']],
    ['write', ['write=x', 'flush', 'await=never-noted']],
    ['end', ['write=x']],
  ] as const)(
    'by a patched %s that throws (%j): a 500 or a closed connection, and all others go on',
    async (method, steps) => {
      const { port, url } = await serve(throwing(method));
      const connection = await Connection.open(port);
      const answer = connection
        .get(script(...steps))
        .response()
        .then(
          ({ status }) => status,
          () => 'closed',
        );
      const others = Array.from({ length: 10 }, () => request(`${url}/hello`));
      for (const other of await Promise.all(others)) expect(other.status).toBe(200);
      expect(await answer).toBe(method === 'setHeader' || method === 'write' ? 500 : 'closed');
      expect(reportedErrors().map((error) => error.message)).toContain(
        `thrown by a patched ${method}`,
      );
      await allLetGo();
    },
  );

  test.each([
    // Without a write head and end come as one.
    ['end', script('header=X-App:1', 'header=Set-Cookie:a=1', 'reason=Yes')],
    ['write', script('header=Content-Length:6', 'write=12345', 'flush', 'yield', 'write=6')],
  ] as const)(
    'by a patched %s that throws once (%s): nothing of the response is left for the error handler',
    async (method, target) => {
      const { port } = await serve((req, res) => {
        const original = res[method] as (...args: unknown[]) => never;
        if (req.url === target)
          res[method] = () => {
            res[method] = original;
            throw new Error(`thrown by a patched ${method}`);
          };
        res.setHeader('X-Js', '1');
        kitchen(req, res, (error) => res.end(`${(error as Error).message}, handled`));
      });
      const connection = await Connection.open(port);
      const { head, text } = await connection.get(target).response();
      expect(text).toBe(`thrown by a patched ${method}, handled`);
      expect(head).toContain('X-Js: 1');
      expect(head).not.toMatch(/X-App|Set-Cookie|Yes|Content-Length/);
      await connection.end();
      await allLetGo();
    },
  );

  test.each(['read', 'unshift'] as const)(
    'by a patched %s of the request that throws once: no request waits for another',
    async (method) => {
      const { port, url } = await serve((req, res) => {
        const original = req[method] as (...args: unknown[]) => unknown;
        if (req.method === 'POST')
          req[method] = (...args: unknown[]) => {
            if (!req.complete) return original.apply(req, args);
            Object.assign(req, { [method]: original });
            throw new Error(`thrown by a patched ${method}`);
          };
        kitchen(req, res);
      });
      const connection = await Connection.open(port);
      connection.send('POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
      expect((await connection.response()).status).toBe(200);
      expect((await request(`${url}/hello`)).status).toBe(200);
      expect(reportedErrors().map((error) => error.message)).toEqual([
        `thrown by a patched ${method}`,
      ]);
      await allLetGo();
    },
  );

  test('by calling the handler twice on one request', async () => {
    const { port } = await serve((req, res) => {
      kitchen(req, res);
      kitchen(req, res);
    });
    const connection = await Connection.open(port);
    // Without a write head and end come as one: nobody finds an answer that has begun.
    for (let i = 0; i < 5; i++)
      expect((await connection.get(script('status=202')).response()).status).toBe(202);
    connection.get('/never?id=twice');
    await notes('never', 1);
    connection.destroy();
    await allLetGo();
  });

  test('by calling the handler when the client has gone: the app is not called', async () => {
    const id = topic();
    let arrived!: () => void;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { port } = await serve((req, res) => {
      res.on('close', () => {
        kitchen(req, res);
        gone();
      });
      arrived();
    });
    let gone!: () => void;
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const connection = await Connection.open(port);
    connection.get(`/never?id=${id}`);
    await arrival;
    connection.destroy();
    await left;
    await allLetGo();
  });

  test('by calling the handler when everything is answered', async () => {
    const { url } = await serve((req, res) => {
      res.on('close', () => kitchen(req, res));
      res.end('answered');
    });
    for (let i = 0; i < 5; i++) expect((await request(`${url}/hello`)).body).toBe('answered');
    await allLetGo();
  });
});

describe('clients that leave', () => {
  test.each(['/hello', '/sse?n=20&every=1', '/big?n=3000000', '/throw'])(
    'by half, once they have asked for %s, crash nothing and leak nothing',
    async (path) => {
      const { port, url } = await serve(kitchen);
      for (let i = 0; i < 10; i++) {
        const connection = await Connection.open(port);
        connection.get(path).socket.end();
        await connection.end();
      }
      expect((await request(`${url}/hello`)).status).toBe(200);
      await allLetGo();
      reportedErrors();
    },
  );

  test.each([
    '/big?n=100000000',
    '/sse?n=1000&every=1',
    '/never',
    '/hello',
    '/throw-after-write',
    '/cancelled-log',
  ])('at any point of %s crash nothing and leak nothing', async (path) => {
    const { port, url } = await serve(kitchen);
    for (let i = 0; i < 20; i++) {
      const connection = await Connection.open(port);
      connection.get(path);
      if (i % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
      if (i % 3 === 2) await request(`${url}/hello`);
      if (i % 2) connection.socket.resetAndDestroy();
      else connection.destroy();
    }
    expect((await request(`${url}/hello`)).status).toBe(200);
    await allLetGo();
    reportedErrors();
  });
});
