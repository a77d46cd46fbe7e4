// Start it as often as you like, and on other machines.
import path from 'node:path';
import { Worker } from 'bullmq';
import owin from 'owin';

const hash = owin.func.job(path.join(import.meta.dirname, 'Work.cs'), 'Work.Hash');
await hash.ready;

const port = Number(process.env.REDIS_PORT ?? 6379);
const worker = new Worker('hash', hash, {
  connection: { port },
  concurrency: 2,
  // What a worker leaves behind that is killed, another one takes after this time.
  lockDuration: 2_000,
  stalledInterval: 1_000,
});
worker.on('error', (error) => console.error(error.message));

process.once('SIGTERM', async () => {
  await worker.close();
  await hash.close();
});
console.log(`process ${process.pid} works`);
