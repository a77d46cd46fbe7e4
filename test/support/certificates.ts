// Certificates for tests over TLS, made by openssl once for a test file.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Certificate {
  key: Buffer;
  cert: Buffer;
  /** SHA-1 of the DER in upper-case hex, as .NET shows it. */
  thumbprint: string;
}

const extensions = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
let folder: string | undefined;

/** A certificate of that name, signed by `issuer`; without one it is its own. */
export function certificate(name: string, issuer?: string): Certificate {
  folder ??= temporaryFolder();
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const signed = issuer ? ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`] : [];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  openssl(
    ...['req', '-x509', ...key, ...files, ...signed],
    ...['-subj', `/CN=${name}`, '-days', '2', '-addext', extensions],
  );
  const fingerprint = openssl('x509', '-in', `${name}.crt`, '-noout', '-fingerprint', '-sha1');
  return {
    key: fs.readFileSync(path.join(folder, `${name}.key`)),
    cert: fs.readFileSync(path.join(folder, `${name}.crt`)),
    thumbprint: fingerprint.trim().replace(/^.*=/, '').replaceAll(':', ''),
  };
}

function temporaryFolder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'owin-certificates-'));
  process.on('exit', () => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}
