import path from 'node:path';
import express from 'express';
import owin from 'owin';

const at = (name) => path.join(import.meta.dirname, name);
const app = express();

app.get('/', (_req, res) => res.sendFile(at('index.html')));
app.all('/echo', owin(at('Echo.cs')));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
// Without this line /echo would only ever see ordinary requests.
owin.attach(server);
