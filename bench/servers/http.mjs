// Bare node:http: `http.mjs js`, or `http.mjs owin <dll>` with the handler itself as the listener.
import http from 'node:http';
import { serve } from './control.mjs';
import { hello } from './routes.mjs';

const [side, dll] = process.argv.slice(2);
const listener = side === 'owin' ? (await import('owin')).default(dll) : hello;
serve(http.createServer(listener));
