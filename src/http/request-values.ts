import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { FunctionOwner } from '../functions/js-functions.ts';
import { checkDictionary, writeValues } from '../functions/value-writer.ts';
import { activeTrace } from './trace.ts';
import { userValue } from './user.ts';

/** What JavaScript gives a request beside what came from the client. */
type RequestWithValues = IncomingMessage & { owin?: unknown; user?: unknown };

/** The certificate a client has shown, as DER, and why it was not accepted. */
export interface ClientCertificate {
  der: Buffer;
  error: string;
}

/**
 * Values for the request's environment as bytes, in the order that RequestValues.cs reads: `req.owin`, `req.user`, the
 * client's certificate, the active span, the TLS handshake. Undefined: there are none.
 *
 * @throws OwinError `ERR_OWIN_MARSHAL` for what cannot cross
 */
export function requestValues(
  req: RequestWithValues,
  certificate: ClientCertificate | undefined,
  handshake: TlsHandshake | undefined,
  owner: FunctionOwner,
): Buffer | undefined {
  const { owin, user } = req;
  const trace = activeTrace();
  if (owin === undefined && !user && !certificate && !trace && !handshake) return undefined;
  if (owin !== undefined && owin !== null) checkDictionary(owin, 'req.owin');
  return writeValues(
    [
      { value: owin, path: 'req.owin' },
      { value: userValue(user), path: 'req.user' },
      { value: certificate && [certificate.der, certificate.error], path: 'certificate' },
      { value: trace, path: 'trace' },
      { value: handshake, path: 'handshake' },
    ],
    owner,
  );
}

/** Protocol, cipher suite and server name, as TLS and IANA name them. */
export type TlsHandshake = [protocol: string, suite: string, serverName: string];

/** What a connection has agreed on; undefined where it is none of TLS. */
export function tlsHandshake(socket: Socket): TlsHandshake | undefined {
  const { encrypted, servername } = socket as TLSSocket & { servername?: string | false };
  // A socket that only says it is encrypted has agreed on nothing.
  const protocol = encrypted && (socket as Partial<TLSSocket>).getProtocol?.();
  if (!protocol) return undefined;
  return [protocol, (socket as TLSSocket).getCipher()?.standardName ?? '', servername || ''];
}

/** What a client has shown on a connection; asked for once for each. */
export function clientCertificate(socket: Socket): ClientCertificate | undefined {
  const { encrypted, authorized, authorizationError } = socket as TLSSocket;
  if (!encrypted) return undefined;
  // A socket that only says it is encrypted has none, and neither has one that is closed.
  const shown = (socket as Partial<TLSSocket>).getPeerCertificate?.() as PeerCertificate | null;
  const raw: Buffer | undefined = shown?.raw;
  if (!raw) return undefined;
  return { der: raw, error: authorized ? '' : String(authorizationError ?? 'unknown reason') };
}
