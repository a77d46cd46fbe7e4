// Jest runs both files in one process (--runInBand), with a module registry for each.
const owin = require('owin');

test('the CLR that the file before this one has started serves this one too', async () => {
  expect(owin.runtime.info().state).toBe('running');
  const handler = owin(process.env.OWIN_APP);
  expect((await handler.ready).assembly).toBe('OwinHelloWorld');
  await handler.close();
  expect((await owin.runtime.stats()).exchanges).toBe(0);
});

test('jest.mock leaves the package out', () => {
  jest.mock('owin', () => () => 'mocked');
  jest.resetModules();
  expect(require('owin')()).toBe('mocked');
});
