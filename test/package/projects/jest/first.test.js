const http = require('node:http');
const owin = require('owin');
const { OwinError } = require('owin');

const handler = owin(process.env.OWIN_APP);
const server = http.createServer(handler);

beforeAll(async () => {
  await handler.ready;
  await new Promise((resolve) => server.listen(0, resolve));
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await handler.close();
});

test('an app answers', async () => {
  const response = await fetch(`http://localhost:${server.address().port}`);
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/^Hello from C#/);
});

test('what cannot be loaded is an OwinError', async () => {
  const error = await owin('Nowhere.dll').ready.catch((reason) => reason);
  expect(error).toBeInstanceOf(OwinError);
  expect(error.code).toBe('ERR_OWIN_APP_NOT_FOUND');
});
