// A middleware that does nothing before an express route: `pass-through.mjs js`, or `pass-through.mjs owin <dll>` with
// the middleware in .NET.
import http from 'node:http';
import express from 'express';
import { serve } from './control.mjs';
import { hello } from './routes.mjs';

const [side, dll] = process.argv.slice(2);
const passThrough =
  side === 'owin'
    ? (await import('owin')).default(dll, { method: 'PassThrough' })
    : (_req, _res, next) => next();
const app = express().use(passThrough);
app.all('/hello', hello);
serve(http.createServer(app));
