// Answers in memory: `fetch.mjs owin <dll>` by handler.fetch, `fetch.mjs hono` by a route of hono's in JS.
import http from 'node:http';
import { serve } from './control.mjs';

const [side, dll] = process.argv.slice(2);
const answer = side === 'owin' ? await owinFetch() : await honoFetch();

async function owinFetch() {
  const handler = (await import('owin')).default(dll);
  await handler.ready;
  return () => handler.fetch('/hello');
}

async function honoFetch() {
  const { Hono } = await import('hono');
  const app = new Hono();
  app.get('/hello', (c) => c.html('<p>Hello, world from .NET!</p>'));
  return () => app.request('/hello');
}

serve(http.createServer(), {
  hello: async () => (await answer()).text(),
  /** CPU time of a fetch and the reading of its body, µs. */
  async fetches(count, concurrency) {
    let left = Number(count);
    const one = async () => {
      while (left-- > 0) await (await answer()).text();
    };
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: Number(concurrency) }, one));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / Number(count);
  },
});
