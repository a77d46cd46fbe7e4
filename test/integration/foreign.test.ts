// A relay whose requests and responses are of classes of its own, as those of Azure Relay's client for Node are: a
// request without header lines, whose body comes after it; a response that knows no request and never closes.
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  allLetGo,
  kitchen,
  lines,
  notes,
  reportedErrors,
  script,
  topic,
} from '../support/kitchen.ts';

class RelayedRequest extends Readable {
  httpVersion = '1.1';
  rawHeaders: string[] = [];
  socket = {};
  constructor(
    readonly method: string,
    readonly url: string,
    readonly headers: Record<string, string | string[]> = {},
  ) {
    super();
  }
  override _read() {}
  // It ends, and is never closed.
  override destroy() {
    return this;
  }
}

class RelayedResponse extends EventEmitter {
  statusCode = 200;
  statusMessage: string | undefined;
  headersSent = false;
  readonly headers: Record<string, unknown> = {};
  readonly chunks: Buffer[] = [];
  /** `write` says that it is full until `go()`. */
  full = false;
  setHeader(name: string, value: unknown) {
    this.headers[name.toLowerCase()] = value;
  }
  write(chunk: Buffer) {
    this.headersSent = true;
    this.chunks.push(chunk);
    this.emit('written');
    return !this.full;
  }
  end(chunk?: Buffer) {
    if (chunk) this.write(chunk);
    this.emit('ended');
  }
  destroy() {
    this.emit('destroyed');
  }
  get body() {
    return Buffer.concat(this.chunks).toString();
  }
}

function relayed(
  request: RelayedRequest,
  next?: (error?: unknown) => void,
  res = new RelayedResponse(),
) {
  kitchen(request as unknown as IncomingMessage, res as unknown as ServerResponse, next);
  return res;
}

describe('a request and response of other classes', () => {
  test('are answered, with headers in the place of header lines', async () => {
    const headers = { host: 'relay', 'x-a': '1', 'x-two': ['a', 'b'] };
    const res = relayed(new RelayedRequest('GET', '/env?a=1', headers));
    await once(res, 'ended');
    expect([res.statusCode, res.statusMessage]).toEqual([200, 'OK']);
    expect(lines(res.body)).toMatchObject({
      'owin.RequestPath': '/env',
      'owin.RequestQueryString': 'a=1',
      'header:x-a': '1',
    });
    expect(res.body).toMatch(/^header:x-two=a\nheader:x-two=b$/m);
  });

  test('have a body that comes when they have been handed on', async () => {
    const req = new RelayedRequest('POST', '/echo', { 'content-length': '8' });
    const res = relayed(req);
    setImmediate(() => {
      req.push('some');
      req.push(Buffer.from('text'));
      req.push(null);
    });
    await once(res, 'ended');
    expect(res.body).toBe('sometext');
  });

  test('keep status, reason, several lines of one name, and no body', async () => {
    const steps = ['status=201', 'reason=Made', 'header=Set-Cookie:a=1', 'header=Set-Cookie:b=2'];
    const res = relayed(new RelayedRequest('GET', script(...steps, 'write=x')));
    await once(res, 'ended');
    expect([res.statusCode, res.statusMessage, res.body]).toEqual([201, 'Made', 'x']);
    expect(res.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    const none = relayed(new RelayedRequest('GET', '/status?n=204'));
    await once(none, 'ended');
    expect([none.statusCode, none.chunks.length]).toEqual([204, 0]);
  });

  test('are written as the app writes, and no faster than they are taken', async () => {
    const res = new RelayedResponse();
    res.full = true;
    relayed(new RelayedRequest('GET', '/big?n=10000000'), undefined, res);
    await once(res, 'written');
    const ended = once(res, 'ended');
    let written = 0;
    for (let last = -1; written !== last; await notes(topic(), 0)) {
      last = written;
      written = res.chunks.length;
    }
    expect(written).toBe(1);
    res.full = false;
    res.emit('drain');
    await ended;
    expect(res.body.length).toBe(10_000_000);
  });

  test('end when the app cuts them off', async () => {
    const res = relayed(new RelayedRequest('GET', script('disconnect')));
    await once(res, 'destroyed');
    await allLetGo();
  });

  test('get a 500 where the app throws', async () => {
    const res = relayed(new RelayedRequest('GET', script('throw=here')));
    await once(res, 'ended');
    expect(res.statusCode).toBe(500);
    expect(reportedErrors()).toMatchObject([{ message: 'here' }]);
  });

  test.each(['req', 'res'])(
    'cancel the app when the client is gone, as the %s says',
    async (who) => {
      const id = topic();
      const req = new RelayedRequest('GET', `/cancelled-log?id=${id}`);
      const res = relayed(req);
      await notes(`${id}:waiting`);
      if (who === 'req') req.emit('aborted');
      else res.emit('close');
      expect(await notes(id)).toEqual(['cancelled']);
      await allLetGo();
    },
  );

  test('go on to next untouched', async () => {
    const passed = new Promise((resolve) => {
      const res = relayed(new RelayedRequest('GET', '/next'), () => resolve(res));
    });
    const res = (await passed) as RelayedResponse;
    expect([res.statusCode, res.headers]).toEqual([200, {}]);
    res.emit('close');
    await allLetGo();
  });
});
