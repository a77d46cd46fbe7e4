import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { threadId } from 'node:worker_threads';
import { OwinError } from '../errors.ts';
import { http1Lines, isHttp2 } from './http2.ts';
import {
  type ClientCertificate,
  clientCertificate,
  type TlsHandshake,
  tlsHandshake,
} from './request-values.ts';

/** What express and connect add to a request. */
export type MountedRequest = IncomingMessage & {
  originalUrl?: string;
  baseUrl?: string;
  protocol?: string;
  app?: { settings?: Record<string, unknown> };
};

/** A request as the fields of its frame. */
export interface RequestHead {
  text: string;
  fieldCount: number;
  method: string;
  /** The connection is TLS; its scheme may be another where a proxy is trusted. */
  secure: boolean;
  certificate: ClientCertificate | undefined;
  handshake: TlsHandshake | undefined;
}

const FIXED_FIELDS = 11;
const NUL = '\0';
// On a one-byte string, which is what Node's parser gives, this fails without reading it.
const aboveLatin1 = /[^\x00-\xff]/;

/**
 * The head of a request, NUL-joined. An error (400) when a header has a character that no header can have; such a
 * character in the url is percent-encoded. Forged fields, through a NUL in a value, are found by their count in .NET.
 */
export function readRequestHead(req: MountedRequest, trustProxy: boolean): RequestHead | OwinError {
  const url = req.url ?? '/';
  const originalUrl = req.originalUrl ?? url;
  const [mount, rest] = originalUrl === url ? ['', url] : splitMount(req, originalUrl, url);
  const socket = connectionFacts(req.socket);
  const scheme = requestScheme(req, trustProxy) ?? socket.scheme;
  const { httpVersion } = req;
  const raw = isHttp2(req) ? http1Lines(req.rawHeaders) : req.rawHeaders;
  const method = req.method ?? '';
  let text = `${method}${NUL}${mount}${NUL}${rest}${NUL}${originalUrl}${NUL}${httpVersion}${NUL}${socket.id}${NUL}${scheme}${NUL}${socket.addresses}`;
  if (raw.length > 0) text += NUL + raw.join(NUL);
  if (aboveLatin1.test(text)) {
    if (raw.some((each) => aboveLatin1.test(each)))
      return new OwinError('ERR_OWIN_BAD_REQUEST', 'A header holds a character above U+00FF.');
    text = text.replace(new RegExp(aboveLatin1, 'gu'), percentEncoded);
  }
  return {
    text,
    fieldCount: FIXED_FIELDS + raw.length,
    method,
    secure: socket.scheme === 'https',
    certificate: socket.certificate,
    handshake: socket.handshake,
  };
}

// Through UTF-8 first: encodeURIComponent throws at a lone surrogate.
function percentEncoded(char: string): string {
  return encodeURIComponent(Buffer.from(char).toString());
}

/**
 * Mount and rest of the url. Express and connect cut the mount off `url` and keep the whole as `originalUrl`; they
 * put a slash in front of what would not begin with one, which is taken away again: `/base` has the path "".
 */
function splitMount(
  req: MountedRequest,
  originalUrl: string,
  url: string,
): [mount: string, rest: string] {
  const whole = withoutAuthority(originalUrl);
  const local = withoutAuthority(url);
  for (const rest of [local, local.slice(1)]) {
    if (!whole.endsWith(rest)) continue;
    const mount = whole.slice(0, whole.length - rest.length);
    if (isMount(mount, rest, req.baseUrl)) return [mount, rest];
  }
  return [req.baseUrl ?? '', local];
}

// Middleware may have rewritten the url: then what goes before it is no mount. Where so little is left of it that
// every original ends in it, express knows.
function isMount(mount: string, rest: string, baseUrl: string | undefined): boolean {
  if (/[?#]/.test(mount)) return false;
  return baseUrl === undefined || baseUrl === mount || !/^\/?(\?|$)/.test(rest);
}

/** A target in absolute form as path and query. */
function withoutAuthority(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '');
}

/** The scheme a trusted proxy names; undefined: nobody is trusted, or says nothing. */
function requestScheme(req: MountedRequest, trustProxy: boolean): string | undefined {
  if (req.app?.settings?.['trust proxy']) return req.protocol;
  if (!trustProxy) return undefined;
  const forwarded = req.headers['x-forwarded-proto'];
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)
    ?.split(',')[0]
    ?.trim()
    .toLowerCase();
  return first === 'http' || first === 'https' ? first : undefined;
}

interface ConnectionFacts {
  id: string;
  scheme: string;
  /** Remote address and port, local address and port, NUL-joined. */
  addresses: string;
  certificate: ClientCertificate | undefined;
  handshake: TlsHandshake | undefined;
}

const kFacts = Symbol('owin.connectionFacts');
let lastConnection = 0;

/** What stays the same for all requests of a connection. */
function connectionFacts(
  socket: ServerSocket & { [kFacts]?: ConnectionFacts; encrypted?: boolean },
): ConnectionFacts {
  return (socket[kFacts] ??= {
    id: `${process.pid.toString(36)}-${threadId.toString(36)}-${(++lastConnection).toString(36)}`,
    scheme: socket.encrypted ? 'https' : 'http',
    certificate: clientCertificate(socket),
    handshake: tlsHandshake(socket),
    addresses: [
      remoteAddress(socket),
      socket.remotePort ?? '',
      unmapped(socket.localAddress),
      socket.localPort ?? '',
    ].join(NUL),
  });
}

type ServerSocket = Socket & { server?: { address?(): AddressInfo | string | null } };

/**
 * `unix` on a unix socket; empty in memory, where nobody knows whose request it is, and where the peer has reset the
 * connection: it must not pass for local.
 */
function remoteAddress(socket: ServerSocket): string {
  if (socket.remoteAddress) return unmapped(socket.remoteAddress);
  return typeof socket.server?.address?.() === 'string' ? 'unix' : '';
}

/** An IPv4 address as such, also when it came in over IPv6. */
function unmapped(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
}
