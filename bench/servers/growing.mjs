// Express with one JavaScript route; .NET handlers are mounted while it runs.
import http from 'node:http';
import express from 'express';
import { serve } from './control.mjs';
import { hello } from './routes.mjs';

const app = express();
app.get('/plain', hello);
serve(http.createServer(app), {
  async mount(path, dll) {
    const { default: owin } = await import('owin');
    app.use(path, owin(dll));
  },
});
