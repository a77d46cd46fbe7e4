import http from 'node:http';
import { createRequire } from 'node:module';
import owin, { owin as named, OwinError } from 'owin';

const handler = owin(process.env.OWIN_APP);
await handler.ready;
const server = http.createServer(handler);
await new Promise((resolve) => server.listen(0, resolve));
const response = await fetch(`http://localhost:${server.address().port}`);
console.log(response.status, (await response.text()).slice(0, 13));
server.close();
server.closeAllConnections?.();

const required = createRequire(import.meta.url)('owin');
console.log(owin === named, owin === required, OwinError === required.OwinError);
await handler.close();
console.log((await owin.runtime.stats()).exchanges);
