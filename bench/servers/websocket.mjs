// WebSocket echo: `websocket.mjs js` by ws, or `websocket.mjs owin <dll>` in .NET.
import http from 'node:http';
import { serve } from './control.mjs';

const [side, dll] = process.argv.slice(2);
const server = http.createServer();
if (side === 'owin') {
  const { default: owin } = await import('owin');
  server.on('upgrade', owin(dll).upgrade);
} else {
  const { WebSocketServer } = await import('ws');
  new WebSocketServer({ server, maxPayload: 0 }).on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
}
serve(server);
