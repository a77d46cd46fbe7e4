// Express in front of Kestrel: `proxy.mjs <dll>`, through undici, which keeps connections. Its CPU time is both
// processes'.
import http from 'node:http';
import express from 'express';
import { Pool } from 'undici';
import { ServerProcess } from '../lib/process.mjs';
import { serve } from './control.mjs';

const kestrel = await ServerProcess.start('kestrel', ['dotnet', process.argv[2]]);
const pool = new Pool(`http://127.0.0.1:${kestrel.port}`, { connections: 64 });
const app = express();
app.use((req, res, next) => {
  const { method, originalUrl: path, headers } = req;
  const { connection: _, ...forwarded } = headers;
  const body = method === 'GET' || method === 'HEAD' ? null : req;
  pool
    .stream({ method, path, headers: forwarded, body }, ({ statusCode, headers: answered }) => {
      res.writeHead(statusCode, answered);
      return res;
    })
    // A client that leaves in the middle is no error.
    .catch((error) => res.destroyed || next(error));
});

serve(http.createServer(app), {
  async cpu() {
    const { user, system } = process.cpuUsage();
    return user + system + (await kestrel.cpu());
  },
});
