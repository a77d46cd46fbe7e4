import path from 'node:path';
import express from 'express';
import owin from 'owin';

const app = express();

// 1. Routes in front of the .NET app are JavaScript's, whatever that has.
app.get('/new', (_req, res) => res.json({ from: 'JavaScript, in front' }));

// 2. The .NET app answers what it has an endpoint for, and leaves the rest to the next handler.
app.use(owin(path.join(import.meta.dirname, 'Shop'), { fallthrough: true }));

// 3. What has not moved yet. /prices has: .NET answers it first, so this route can go.
app.get('/prices', (_req, res) => res.json({ from: 'JavaScript, never asked' }));
app.get('/customers/:id', ({ params }, res) => res.json({ ...params, from: 'JavaScript' }));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
