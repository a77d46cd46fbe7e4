// Behind a firewall: it only connects to NATS. Start it as often as you like, and on other machines.
import path from 'node:path';
import { connect } from '@nats-io/transport-node';
import owin from 'owin';
import { serve } from 'owin/nats';

const connection = await connect({ servers: process.env.NATS ?? '127.0.0.1:4222' });
const handler = owin(path.join(import.meta.dirname, 'Where.cs'));
await handler.ready;
const served = serve(handler, { connection, subject: 'shop' });

process.once('SIGTERM', async () => {
  await served.close();
  await handler.close();
  await connection.drain();
});
console.log(`process ${process.pid} serves`);
