// Where Node listens, as an app sees it: each test has an app of its own, since it learns of it once.
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import express from 'express';
import owin from 'owin';
import { expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { certificate } from '../support/certificates.ts';
import { load } from '../support/load.ts';
import { request } from '../support/request.ts';
import { serve } from '../support/serve.ts';

const app = () => load(appPath('AspNetHttp'));

test('the addresses of an attached server, from the first request that comes over it', async () => {
  const handler = app();
  const { server, url } = await serve(express().use('/shop', handler));
  owin.attach(server);
  // In memory there is none.
  expect(await (await handler.fetch('/addresses')).json()).toEqual([]);
  expect(JSON.parse((await request(`${url}/shop/addresses`)).body)).toEqual([url]);
  expect(JSON.parse((await request(`${url}/shop/addresses/urls`)).body)).toEqual([url]);
});

test('those of app.listen, which listens on all of them', async () => {
  const server = express().use(app()).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { body } = await request(`http://127.0.0.1:${port}/addresses`);
  expect(JSON.parse(body)).toEqual([`http://127.0.0.1:${port}`]);
});

test('with the scheme of TLS, and brackets', async () => {
  const { key, cert } = certificate('localhost');
  const server = https.createServer({ key, cert }, app()).listen(0, '::1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = https.get(`https://[::1]:${port}/addresses`, {
    agent: false,
    rejectUnauthorized: false,
  });
  const [res] = await once(answer, 'response');
  expect(JSON.parse(String(await once(res, 'data')))).toEqual([`https://[::1]:${port}`]);
});

test('who goes through them is not disturbed by one that comes', async () => {
  const { url } = await serve(app());
  const get = async (path: string) => JSON.parse((await request(url + path)).body);
  expect(await get('/addresses/more')).toEqual([url]);
  expect(await get('/addresses')).toEqual([url, 'http://more']);
});
