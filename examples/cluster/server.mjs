import cluster from 'node:cluster';
import path from 'node:path';
import express from 'express';
import owin from 'owin';

const WORKERS = 2;

if (cluster.isPrimary) {
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  cluster.once('listening', (_, { port }) => console.log(`http://localhost:${port}/`));
  // One that has failed is replaced; one that was told to go is not.
  cluster.on('exit', (worker) => {
    if (!worker.exitedAfterDisconnect) cluster.fork();
  });
  process.once('SIGTERM', () => cluster.disconnect());
} else {
  const handler = owin(path.join(import.meta.dirname, 'Where.cs'));
  const server = express()
    .use(handler)
    .listen(Number(process.env.PORT ?? 3000));
  // `disconnect` closes the server; then the app hears that it ends.
  server.on('close', () => handler.close());
}
