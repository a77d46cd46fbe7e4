import http = require('node:http');
import type net = require('node:net');
import owin = require('owin');

const handler: owin.Handler = owin(process.env['OWIN_APP'] as string, { trustProxy: true });
const server = http.createServer(handler);

server.listen(0, async () => {
  const info: owin.AppInfo = await handler.ready;
  const { port } = server.address() as net.AddressInfo;
  const response = await fetch(`http://localhost:${port}`);
  console.log(info.assembly, response.status, (await response.text()).slice(0, 13));
  server.close();
  server.closeAllConnections();
  const error: unknown = await owin('Nowhere.dll').ready.catch((reason) => reason);
  console.log(error instanceof owin.OwinError && error.code);
  await handler.close();
});
