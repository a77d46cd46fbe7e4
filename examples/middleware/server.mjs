import path from 'node:path';
import express from 'express';
import owin from 'owin';

const app = express();
app.use(owin(path.join(import.meta.dirname, 'Gate.cs')));
app.get('/', (_req, res) => res.send('Hello from JavaScript, through .NET.\n'));
app.get('/private', (_req, res) => res.send('You have a key.\n'));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
