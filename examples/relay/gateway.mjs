// In front: it has no .NET, and connects to NATS as well.
import { connect } from '@nats-io/transport-node';
import express from 'express';
import { relay } from 'owin/nats';

const connection = await connect({ servers: process.env.NATS ?? '127.0.0.1:4222' });
const app = express();
app.use('/shop', relay({ connection, subject: 'shop' }));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/shop`);
});
