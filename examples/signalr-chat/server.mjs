import { createRequire } from 'node:module';
import path from 'node:path';
import express from 'express';
import owin from 'owin';

const at = (name) => path.join(import.meta.dirname, name);
const client = path.dirname(
  createRequire(import.meta.url).resolve('@microsoft/signalr/package.json'),
);
const app = express();

app.get('/', (_req, res) => res.sendFile(at('index.html')));
app.use('/signalr', express.static(path.join(client, 'dist/browser')));
app.use('/chat', owin(at('Chat')));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
// WebSockets go through express as well; without this line SignalR takes another transport.
owin.attach(server);
