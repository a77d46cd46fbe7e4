import path from 'node:path';
import express from 'express';
import owin from 'owin';

const shop = owin(path.join(import.meta.dirname, 'Shop'), {
  configuration: { Greeting: 'Hello from Node' },
  fallthrough: true,
  log: ({ level, category, message }) => console.log(`${level} ${category}: ${message}`),
});
shop.on('exit', ({ code }) => console.log(`The shop has closed with ${code}.`));

const app = express();
app.use('/shop', shop);
app.get('/shop/legacy', (_req, res) => res.send('still in JavaScript'));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});

process.once('SIGTERM', async () => {
  server.close();
  await shop.close();
  server.closeAllConnections();
});
