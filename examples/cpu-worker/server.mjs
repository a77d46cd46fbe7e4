import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import express from 'express';
import owin from 'owin';

const source = fileURLToPath(new URL('Work.cs', import.meta.url));
const hash = owin.func(source, 'Acme.Passwords.Hash', { concurrency: 2 });

const app = express();
app.get('/hash', async (req, res) => {
  const abort = new AbortController();
  res.on('close', () => abort.abort());
  const salt = randomBytes(16).toString('hex');
  const hashed = await hash(String(req.query.password), salt, { signal: abort.signal });
  res.json({ salt, hashed });
});
app.get('/stats', async (_req, res) => {
  res.json((await owin.runtime.stats()).functions);
});

await hash.ready;
const server = app.listen(Number(process.env.PORT ?? 3000));
await once(server, 'listening');
console.log(`http://localhost:${server.address().port}/`);
