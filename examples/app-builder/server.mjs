import path from 'node:path';
import express from 'express';
import owin from 'owin';

const app = express();
app.use(owin(path.join(import.meta.dirname, 'Shop')));
app.get('/', (_req, res) => res.send('The end of the pipeline goes on with JavaScript.\n'));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}/`);
});
