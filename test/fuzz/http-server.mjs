// The server that http.mjs throws bytes at: express and a bare server, one handler. Says what nobody caught.
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import owin from 'owin';

const kitchen = fileURLToPath(new URL('../apps/Kitchen/bin/Kitchen.dll', import.meta.url));
const finding = (what) => (error) => process.send({ finding: `${what}: ${error?.stack ?? error}` });
process.on('uncaughtException', finding('nobody caught'));
process.on('unhandledRejection', finding('nobody awaited'));
// Express warns of urls that Node's parser will refuse one day.
process.on('warning', (warning) => {
  if (warning.name !== 'DeprecationWarning') finding('Node warns')(warning);
});

const handler = owin(kitchen);
// What the app throws is what it was asked for; a damaged frame is not.
handler.on('error', (error) => {
  if (error.code === 'ERR_OWIN_PROTOCOL') finding('reported')(error);
});
await handler.ready;

const listeners = [express().use('/base', handler).use(handler), handler];
const ports = [];
for (const listener of listeners) {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ports.push(server.address().port);
}
process.on('message', async () => {
  const { exchanges, slots, dotnetExchanges } = await owin.runtime.stats();
  process.send({ held: { exchanges, slots: slots.used, dotnetExchanges } });
});
process.on('disconnect', () => process.exit());
process.send({ ports });
