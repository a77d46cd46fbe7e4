import path from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import owin from 'owin';

const handler = owin(path.join(import.meta.dirname, 'Shop.cs'));

const app = new Hono();
// The whole path goes to .NET; with `app.mount('/shop', handler.fetch)` what is behind /shop.
app.all('/orders', (c) => handler.fetch(c.req.raw));
app.mount('/shop', handler.fetch);
app.get('/js', (c) => c.text('from hono\n'));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`http://localhost:${port}`);
});
