import path from 'node:path';
import compression from 'compression';
import express from 'express';
import owin from 'owin';

const at = (name) => path.join(import.meta.dirname, name);
const app = express();

// Events arrive one by one all the same.
app.use(compression());
app.get('/', (_req, res) => res.sendFile(at('index.html')));
app.all('/events', owin(at('Chat.cs')));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
