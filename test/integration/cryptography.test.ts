// .NET's cryptography beside Node's: on Linux both are OpenSSL, of two versions, in one process.
import { createDecipheriv, pbkdf2Sync, randomBytes, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import owin from 'owin';
import { expect, onTestFinished, test } from 'vitest';
import { appPath } from '../support/apps.ts';
import { certificate } from '../support/certificates.ts';

const { Cryptography } = (await owin.load(appPath('Work')))['Acme'];
const authority = `${certificate('authority').cert}`;
const server = certificate('server', 'authority');
const [key, cert] = [`${server.key}`, `${server.cert}`];
const data = randomBytes(100_000);

test('what .NET encrypts, Node decrypts', async () => {
  const key = randomBytes(32);
  const secret: Buffer = await Cryptography.encrypt(key, data);
  const cipher = createDecipheriv('aes-256-gcm', key, secret.subarray(0, 12));
  cipher.setAuthTag(secret.subarray(12, 28));
  expect(Buffer.concat([cipher.update(secret.subarray(28)), cipher.final()])).toEqual(data);
});

test('each verifies what the other one has signed', async () => {
  const dsaEncoding = 'ieee-p1363';
  const theirs: Buffer = await Cryptography.sign(key, data);
  expect(verify('sha256', data, { key: cert, dsaEncoding }, theirs)).toBe(true);
  const ours = sign('sha256', data, { key, dsaEncoding });
  expect(await Cryptography.verify(cert, data, ours)).toBe(true);
  expect(await Cryptography.verify(cert, Buffer.from('other'), ours)).toBe(false);
});

test('a wrong key is an exception, not the end of the process', async () => {
  await expect(Cryptography.encrypt(randomBytes(5), data)).rejects.toMatchObject({
    name: 'System.Security.Cryptography.CryptographicException',
  });
  await expect(Cryptography.sign(cert, data)).rejects.toMatchObject({
    name: 'System.ArgumentException',
  });
});

test('both derive the same key, many at a time', async () => {
  const salt = randomBytes(16);
  const expected = pbkdf2Sync('päss', salt, 1_000, 32, 'sha512');
  const derived = await Promise.all(
    Array.from({ length: 50 }, () => Cryptography.derive('päss', salt)),
  );
  for (const each of derived) expect(each).toEqual(expected);
});

test.each(['Tls12', 'Tls13'])(
  'a client of .NET speaks %s with a server of Node',
  async (version) => {
    const node = https.createServer(server, (req, res) =>
      res.end((req.socket as import('node:tls').TLSSocket).getProtocol()),
    );
    node.listen(0, '127.0.0.1');
    await once(node, 'listening');
    onTestFinished(() => {
      node.closeAllConnections();
      node.close();
    });
    const url = `https://localhost:${(node.address() as AddressInfo).port}/`;
    const get = (ca: string) => Cryptography.get(url, ca, version);
    expect(await get(authority)).toBe(version.replace('Tls1', 'TLSv1.'));
    await expect(get(`${certificate('stranger').cert}`)).rejects.toMatchObject({
      name: 'System.Net.Http.HttpRequestException',
    });
  },
);
