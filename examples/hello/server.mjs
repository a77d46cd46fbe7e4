import path from 'node:path';
import express from 'express';
import owin from 'owin';

const dll = path.join(import.meta.dirname, 'OwinHelloWorld/bin/Release/net10.0/OwinHelloWorld.dll');
const app = express();

app.all('/jazz', owin(dll));
app.all('/error', owin(dll, { method: 'Fail' }));
app.all('/burn', owin(dll, { type: 'OwinHelloWorld.Burn' }));
app.all('/rocknroll', (_req, res) => {
  res.send(`Hello from JavaScript. Time on the server is ${new Date().toLocaleString()}.`);
});

// A .NET exception comes here like any other error.
app.use((error, _req, res, _next) => {
  res.status(error.status).type('text').send(error.stack);
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const { port } = server.address();
  for (const route of ['jazz', 'rocknroll', 'error', 'burn?n=14'])
    console.log(`http://localhost:${port}/${route}`);
});
