import http from 'node:http';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kitchen, reportedErrors } from '../support/kitchen.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const { url } = await new Promise<{ url: string }>((resolve) => {
  const server = http.createServer(kitchen).listen(0, '127.0.0.1', () => {
    const { port } = server.address() as import('node:net').AddressInfo;
    resolve({ url: `http://127.0.0.1:${port}` });
  });
  server.unref();
});

const listen = (on: boolean) => request(`${url}/listen${on ? '' : '?off'}`);

async function taken() {
  const { body } = await request(`${url}/activities`);
  return body.split('\n').map((line) => {
    const [source, name, kind, traceId, parentId, id, status, code, target] = line.split(' ');
    return { source, name, kind, traceId, parentId, id, status, code, target };
  });
}

/**
 * What an ActivityListener in .NET saw of so many requests to a path, and of what happened in them. A request is seen
 * when its app has returned, which may be after its answer.
 */
async function activities(path: string, count = 1) {
  const all: Awaited<ReturnType<typeof taken>> = [];
  const requestsOf = () => all.filter((each) => each.target === path);
  const seen = async () => {
    all.push(...(await taken()));
    return requestsOf().length;
  };
  await expect.poll(seen, { interval: 1 }).toBeGreaterThanOrEqual(count);
  const requests = requestsOf();
  const ids = requests.map(({ id }) => id);
  return [...requests, ...all.filter(({ parentId }) => ids.includes(parentId))];
}

describe('without a listener', () => {
  test('there is no Activity', async () => {
    await listen(false);
    expect((await request(`${url}/traced`)).body).toBe('none');
  });
});

describe('with a listener in .NET', () => {
  beforeEach(async () => void (await listen(true)));
  afterEach(async () => void (await listen(false)));

  test('a request is an Activity, and what the app makes in it hangs below it', async () => {
    await request(`${url}/traced`);
    const [own, work, ...more] = await activities('/traced');
    expect(more).toEqual([]);
    expect(own).toMatchObject({
      source: 'owin',
      name: 'GET',
      kind: 'Server',
      parentId: '0000000000000000',
      status: 'Unset',
      code: '200',
    });
    expect(work).toMatchObject({ source: 'kitchen', traceId: own?.traceId, parentId: own?.id });
  });

  test('the traceparent of the request is its parent', async () => {
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    await request(`${url}/traced`, { headers: { traceparent: `00-${traceId}-${spanId}-01` } });
    const [own] = await activities('/traced');
    expect(own).toMatchObject({ kind: 'Server', traceId, parentId: spanId });
  });

  test('a traceparent that is none begins a trace', async () => {
    await request(`${url}/traced`, { headers: { traceparent: '00-zz-1-01' } });
    const [own] = await activities('/traced');
    expect(own?.parentId).toBe('0000000000000000');
  });

  test('an exception is the status of its Activity', async () => {
    await request(`${url}/traced?throw`);
    expect(reportedErrors()).toHaveLength(1);
    expect((await activities('/traced'))[0]).toMatchObject({ status: 'Error' });
  });

  test('does not leak into the next request', async () => {
    for (let i = 0; i < 10; i++) await request(`${url}/traced`);
    const all = await activities('/traced', 10);
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(10);
    expect(all).toHaveLength(20);
  });

  test('it and OpenTelemetry in Node see one tree', async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    provider.register();
    const tracer = trace.getTracer('test');
    const { url: traced } = await serve((req, res) => {
      const span = tracer.startSpan('server', { kind: SpanKind.SERVER });
      // 'finish' may not come where the client leaves with the last byte.
      res.on('close', () => span.setStatus({ code: SpanStatusCode.OK }).end());
      context.with(trace.setSpan(context.active(), span), () => kitchen(req, res));
    });
    await Promise.all(Array.from({ length: 5 }, () => request(`${traced}/traced`)));
    await expect.poll(() => exporter.getFinishedSpans().length).toBe(5);
    const seen = await activities('/traced', 5);
    for (const span of exporter.getFinishedSpans()) {
      const { traceId, spanId } = span.spanContext();
      const own = seen.filter((each) => each.source === 'owin' && each.parentId === spanId);
      expect(own).toHaveLength(1);
      expect(own[0]).toMatchObject({ traceId, kind: 'Internal' });
      const work = seen.filter((each) => each.parentId === own[0]?.id);
      expect(work.map(({ source, traceId: id }) => [source, id])).toEqual([['kitchen', traceId]]);
    }
    trace.disable();
    context.disable();
    await provider.shutdown();
  });
});
