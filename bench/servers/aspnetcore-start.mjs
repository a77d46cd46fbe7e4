// Tells how long it takes from owin() to the first answer: {"ms":n}. Node and express are there before, as in a server
// that takes the app on.
import http from 'node:http';
import express from 'express';
import owin from 'owin';

const app = express();
const server = app.listen(0, '127.0.0.1', () => {
  const begin = performance.now();
  app.use(owin(process.argv[2]));
  http.get({ port: server.address().port, host: '127.0.0.1', path: '/hello' }, async (res) => {
    let body = '';
    for await (const chunk of res) body += chunk;
    process.stdout.write(`${JSON.stringify({ ms: performance.now() - begin, body })}\n`);
    process.exit();
  });
});
