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
const made = new Map<string, Certificate>();

/** A certificate of that name, signed by `issuer`, which was made before; without one it is its own. */
export function certificate(name: string, issuer?: string): Certificate {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'owin-certificates-'));
  try {
    const own = make(folder, name, issuer);
    made.set(name, own);
    return own;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function make(folder: string, name: string, issuer: string | undefined): Certificate {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const file = (extension: string) => path.join(folder, `${name}.${extension}`);
  if (issuer) {
    const { key, cert } = made.get(issuer) as Certificate;
    fs.writeFileSync(path.join(folder, 'issuer.key'), key);
    fs.writeFileSync(path.join(folder, 'issuer.crt'), cert);
  }
  const signed = issuer ? ['-CA', 'issuer.crt', '-CAkey', 'issuer.key'] : [];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  openssl(
    ...['req', '-x509', ...key, ...files, ...signed],
    ...['-subj', `/CN=${name}`, '-days', '2', '-addext', extensions],
  );
  const fingerprint = openssl('x509', '-in', `${name}.crt`, '-noout', '-fingerprint', '-sha1');
  return {
    key: fs.readFileSync(file('key')),
    cert: fs.readFileSync(file('crt')),
    thumbprint: fingerprint.trim().replace(/^.*=/, '').replaceAll(':', ''),
  };
}
