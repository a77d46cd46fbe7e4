import path from 'node:path';
import express from 'express';
import owin from 'owin';

const handler = owin(path.join(import.meta.dirname, 'Startup.cs'), { watch: true });
handler.on('reload', () => console.log('Loaded anew'));
handler.on('error', (error) => console.error(error.message));

const server = express()
  .use(handler)
  .listen(Number(process.env.PORT ?? 3000), () => {
    console.log(`http://localhost:${server.address().port}/`);
  });
