import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const server = path.join(import.meta.dirname, '../../examples/sse/server.mjs');
let child: ChildProcess;
let base: string;

beforeAll(async () => {
  child = spawn(process.execPath, [server], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  [base] = (await once(lines, 'line')) as [string];
});

afterAll(async () => {
  child.kill();
  await once(child, 'exit');
});

/** Listens; `until` resolves once the text has come. */
async function listen() {
  const leaving = new AbortController();
  const response = await fetch(`${base}events`, { signal: leaving.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    response,
    leave: () => leaving.abort(),
    async until(wanted: string) {
      while (!text.endsWith(wanted)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`The events ended: ${JSON.stringify(text)}`);
        text += decoder.decode(value, { stream: true });
      }
      return text;
    },
  };
}

const say = (body: string) => fetch(`${base}events`, { method: 'POST', body });

describe('examples/sse', () => {
  it('has a page that listens', async () => {
    const page = await fetch(base);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain("new EventSource('events')");
  });

  it('sends what one says to all who listen, at once and compressed', async () => {
    const [one, two] = [await listen(), await listen()];
    expect(one.response.headers.get('content-type')).toBe('text/event-stream');
    expect(one.response.headers.get('content-encoding')).toBe('gzip');
    for (const { until } of [one, two]) await until(': welcome\n\n');
    expect((await say('Grüße')).status).toBe(204);
    for (const { until } of [one, two]) await until('data: Grüße\n\n');
    two.leave();
    await say('two\nlines');
    expect(await one.until('data: lines\n\n')).toBe(
      ': welcome\n\ndata: Grüße\n\ndata: two\ndata: lines\n\n',
    );
    one.leave();
  });
});
