import path from 'node:path';
import express from 'express';
import owin from 'owin';

const server = express()
  .use(owin(path.join(import.meta.dirname, 'App.fsproj')))
  .listen(Number(process.env.PORT ?? 3000), () => {
    console.log(`http://localhost:${server.address().port}/`);
  });
