import http from 'node:http';
import type { AddressInfo } from 'node:net';
import owin, { type AppInfo, type Handler, OwinError } from 'owin';

const handler: Handler = owin(process.env['OWIN_APP'] as string, { trustProxy: true });
const info: AppInfo = await handler.ready;
const server = http.createServer(handler);
await new Promise<void>((resolve) => server.listen(0, resolve));
const { port } = server.address() as AddressInfo;
const response = await fetch(`http://localhost:${port}`);
console.log(info.assembly, response.status, (await response.text()).slice(0, 13));
server.close();
server.closeAllConnections();
const error: unknown = await owin('Nowhere.dll').ready.catch((reason) => reason);
console.log(error instanceof OwinError && error.code);
await handler.close();
