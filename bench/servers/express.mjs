// Express: `express.mjs js` with the routes in JavaScript, or `express.mjs owin <dll> [options]` with them in .NET,
// which is started with the options, JSON.
import http from 'node:http';
import express from 'express';
import { FILES } from '../lib/files.mjs';
import { serve } from './control.mjs';
import { routes } from './routes.mjs';

const [side, dll, options = '{}'] = process.argv.slice(2);
const app = express();
if (side === 'owin') {
  const { default: owin } = await import('owin');
  await owin.runtime.start(JSON.parse(options));
  const handler = owin(dll);
  for (const path of [...Object.keys(routes), '/allocate', '/burn', '/collect', '/allocated'])
    app.all(path, handler);
  app.get(['/files/:name', '/written/:name'], handler);
} else {
  for (const [path, route] of Object.entries(routes)) app.all(path, route);
  app.use('/files', express.static(FILES));
}
serve(http.createServer(app));
