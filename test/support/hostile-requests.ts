// Requests whose framing is wrong, doubtful or odd, and what has to come of them. RFC 9112 says which is which.

/** A hostile request, up to where the next one begins. */
export interface HostileRequest {
  name: string;
  /** The bytes (latin-1), for a request target. */
  bytes: (target: string) => string;
  /** Status of its answer; 0: the connection closes without one. Two where it depends on what comes when. */
  status: number | [number, number];
  /** What comes of the bytes behind it. */
  behind: 'fresh' | 'closed';
}

/** A request that nobody has sent: it stands where a body, a chunk or a header should be. */
export const smuggled = (topic: string): string =>
  `GET /script?id=${topic}&note=smuggled HTTP/1.1\r\nHost: smuggled\r\n\r\n`;

type Row = [
  name: string,
  bytes: string,
  status: number | [number, number],
  behind: 'fresh' | 'closed',
];

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const END = '0\r\n\r\n';

// RFC 9110 §5.5 allows the tab; Node's parser does since llhttp 9.4.
const [llhttpMajor = 0, llhttpMinor = 0] = process.versions['llhttp']!.split('.').map(Number);
const beforeTab: [number, 'fresh' | 'closed'] =
  llhttpMajor > 9 || (llhttpMajor === 9 && llhttpMinor >= 4) ? [200, 'fresh'] : [400, 'closed'];

// The lines between the request line and the empty one, and then the body. `Host` comes first.
const posts: Row[] = [
  // Content-Length (RFC 9112 §6.2, 9110 §8.6)
  [
    'a Content-Length and a Transfer-Encoding',
    `Content-Length: 4\r\n${CHUNKED}\r\n${END}`,
    400,
    'closed',
  ],
  [
    'a Transfer-Encoding and a Content-Length',
    `${CHUNKED}Content-Length: 4\r\n\r\n${END}`,
    400,
    'closed',
  ],
  [
    'a Transfer-Encoding and a Content-Length of 0',
    `${CHUNKED}Content-Length: 0\r\n\r\n${END}`,
    400,
    'closed',
  ],
  ['two lengths', 'Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}', 400, 'closed'],
  [
    'two lengths, the longer first',
    'Content-Length: {length}\r\nContent-Length: 0\r\n\r\n{smuggled}',
    400,
    'closed',
  ],
  ['two equal lengths', 'Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello', 400, 'closed'],
  ['a list of lengths', 'Content-Length: 5, 5\r\n\r\nhello', 400, 'closed'],
  ['a length with a sign', 'Content-Length: +5\r\n\r\nhello', 400, 'closed'],
  ['a negative length', 'Content-Length: -5\r\n\r\nhello', 400, 'closed'],
  ['a hexadecimal length', 'Content-Length: 0x5\r\n\r\nhello', 400, 'closed'],
  ['a length with a fraction', 'Content-Length: 5.0\r\n\r\nhello', 400, 'closed'],
  ['a length of two words', 'Content-Length: 5 0\r\n\r\nhello', 400, 'closed'],
  ['an empty length', 'Content-Length: \r\n\r\n', 400, 'closed'],
  ['a length beyond 64 bits', 'Content-Length: 18446744073709551621\r\n\r\nhello', 400, 'closed'],
  ['a length behind a vertical tab', 'Content-Length: \x0b5\r\n\r\nhello', 400, 'closed'],
  ['a length behind a no-break space', 'Content-Length: \xa05\r\n\r\nhello', 400, 'closed'],
  ['a space before the colon of the length', 'Content-Length : 5\r\n\r\nhello', 400, 'closed'],
  ['a tab before the colon of the length', 'Content-Length\t: 5\r\n\r\nhello', 400, 'closed'],
  ['a length with zeros before it', 'Content-Length: 0005\r\n\r\nhello', 200, 'fresh'],
  ['a length with spaces around it', 'Content-Length:   5  \r\n\r\nhello', 200, 'fresh'],
  ['a length behind a tab', 'Content-Length:\t5\r\n\r\nhello', 200, 'fresh'],
  ['a length before a tab', 'Content-Length: 5\t\r\n\r\nhello', ...beforeTab],
  ['a length with an underscore in its name', 'Content_Length: {length}\r\n\r\n', 200, 'fresh'],
  [
    'a length that Connection names',
    'Connection: keep-alive, Content-Length\r\nContent-Length: {length}\r\n\r\n{smuggled}',
    200,
    'fresh',
  ],

  // Transfer-Encoding (RFC 9112 §6.1, §7)
  ['a coding that is not known', 'Transfer-Encoding: xchunked\r\n\r\n{smuggled}', 400, 'closed'],
  [
    'chunked and then another coding',
    'Transfer-Encoding: chunked, identity\r\n\r\n{smuggled}',
    400,
    'closed',
  ],
  [
    'another coding and then chunked',
    `Transfer-Encoding: gzip, chunked\r\n\r\n${END}`,
    200,
    'fresh',
  ],
  ['chunked twice on two lines', `${CHUNKED}${CHUNKED}\r\n${END}`, 400, 'closed'],
  ['chunked twice on a line', `Transfer-Encoding: chunked, chunked\r\n\r\n${END}`, 400, 'closed'],
  [
    'chunked on a line and identity on the next',
    `${CHUNKED}Transfer-Encoding: identity\r\n\r\n${END}`,
    400,
    'closed',
  ],
  ['identity alone', 'Transfer-Encoding: identity\r\n\r\n{smuggled}', 400, 'closed'],
  [
    'identity and a length',
    'Transfer-Encoding: identity\r\nContent-Length: {length}\r\n\r\n{smuggled}',
    400,
    'closed',
  ],
  ['a quoted coding', `Transfer-Encoding: "chunked"\r\n\r\n${END}`, 400, 'closed'],
  ['a coding with a parameter', `Transfer-Encoding: chunked;q=1\r\n\r\n${END}`, 400, 'closed'],
  ['a coding behind a vertical tab', `Transfer-Encoding: \x0bchunked\r\n\r\n${END}`, 400, 'closed'],
  ['a coding behind a comma', `Transfer-Encoding: ,chunked\r\n\r\n${END}`, 200, 'fresh'],
  ['a coding before a comma', `Transfer-Encoding: chunked,\r\n\r\n${END}`, 400, 'closed'],
  ['no coding', `Transfer-Encoding:\r\n\r\n${END}`, 400, 'closed'],
  ['a coding on a folded line', `Transfer-Encoding:\r\n chunked\r\n\r\n${END}`, 400, 'closed'],
  [
    'a space before the colon of the coding',
    `Transfer-Encoding : chunked\r\n\r\n${END}`,
    400,
    'closed',
  ],
  ['a coding in any case, behind a tab', `tRANSFER-eNCODING:\tcHUNKED\r\n\r\n${END}`, 200, 'fresh'],

  // Chunks (RFC 9112 §7.1)
  ['a negative chunk', `${CHUNKED}\r\n-5\r\nhello\r\n${END}`, 400, 'closed'],
  ['a chunk with a prefix', `${CHUNKED}\r\n0x5\r\nhello\r\n${END}`, 400, 'closed'],
  ['a chunk beyond 64 bits', `${CHUNKED}\r\n10000000000000005\r\nhello\r\n${END}`, 400, 'closed'],
  ['a chunk without a size', `${CHUNKED}\r\n\r\nhello\r\n${END}`, 400, 'closed'],
  ['a chunk with a space behind its size', `${CHUNKED}\r\n5 \r\nhello\r\n${END}`, 400, 'closed'],
  ['chunk lines that end in LF', `${CHUNKED}\r\n5\nhello\n0\n\n`, 400, 'closed'],
  ['a chunk whose data ends in LF', `${CHUNKED}\r\n5\r\nhello\n${END}`, 400, 'closed'],
  ['a chunk longer than its size', `${CHUNKED}\r\n5\r\nhello{smuggled}\r\n${END}`, 400, 'closed'],
  ['a chunk extension that ends in LF', `${CHUNKED}\r\n5;a\nhello\r\n${END}`, 400, 'closed'],
  ['a chunk extension with a CR', `${CHUNKED}\r\n5;\ra\r\nhello\r\n${END}`, 400, 'closed'],
  [
    'a chunk extension whose quote is open',
    `${CHUNKED}\r\n5;a="\r\nhello\r\n${END}`,
    400,
    'closed',
  ],
  [
    'a chunk extension of 32 KB',
    `${CHUNKED}\r\n5;a=${'x'.repeat(32 * 1024)}\r\nhello\r\n${END}`,
    413,
    'closed',
  ],
  ['a chunk extension', `${CHUNKED}\r\n5;a=b;c="d"\r\nhello\r\n${END}`, 200, 'fresh'],
  [
    'a chunk size with zeros before it',
    `${CHUNKED}\r\n0000005\r\nhello\r\n000\r\n\r\n`,
    200,
    'fresh',
  ],
  ['a request in a chunk', `${CHUNKED}\r\n{hex}\r\n{smuggled}\r\n${END}`, 200, 'fresh'],
  ['a request in trailers', `${CHUNKED}\r\n0\r\n{smuggled}`, 400, 'closed'],
  ['a length in trailers', `${CHUNKED}\r\n0\r\nContent-Length: {length}\r\n\r\n`, 400, 'closed'],
  ['a coding in trailers', `${CHUNKED}\r\n0\r\n${CHUNKED}\r\n`, 400, 'closed'],
  ['trailers that are no headers', `${CHUNKED}\r\n0\r\nno header\r\n\r\n`, 400, 'closed'],
  ['trailers', `${CHUNKED}\r\n0\r\nX-Trailer: 1\r\nHost: evil\r\n\r\n`, 200, 'fresh'],

  // Lines (RFC 9112 §2.2, §5)
  ['a folded line', 'X: a\r\n b\r\n\r\n', 400, 'closed'],
  ['a length on a folded line', 'X: a\r\n Content-Length: {length}\r\n\r\n', 400, 'closed'],
  ['a line that ends in LF', 'X: a\nY: b\r\n\r\n', 400, 'closed'],
  ['an empty line that is an LF', 'X: a\r\n\n', 400, 'closed'],
  ['a CR in a value', 'X: a\rContent-Length: {length}\r\n\r\n', 400, 'closed'],
  ['a NUL in a value', 'X: a\0b\r\n\r\n', 400, 'closed'],
  ['a NUL in a name', 'X\0: a\r\n\r\n', 400, 'closed'],
  ['a control character in a value', 'X: a\x01b\r\n\r\n', 400, 'closed'],
  ['a DEL in a value', 'X: a\x7fb\r\n\r\n', 400, 'closed'],
  ['a space in a name', 'X Y: a\r\n\r\n', 400, 'closed'],
  ['a byte above ASCII in a name', 'X\xff: a\r\n\r\n', 400, 'closed'],
  ['a line without a colon', 'X\r\n\r\n', 400, 'closed'],
  ['a line without a name', ': a\r\n\r\n', 400, 'closed'],
  ['a head of 32 KB', `X: ${'x'.repeat(32 * 1024)}\r\n\r\n`, 431, 'closed'],
  ['a byte above ASCII in a value', 'X: \xff\xa0\r\n\r\n', 200, 'fresh'],
  ['the same header 500 times', `${'X: 1\r\n'.repeat(500)}\r\n`, 200, 'fresh'],

  // Host (RFC 9112 §3.2), Expect (9110 §10.1.1)
  ['a second Host', 'Host: b\r\n\r\n', 400, 'closed'],
  ['the same Host again', 'hOST: a\r\n\r\n', 400, 'closed'],
  [
    'a second Host before a body',
    'Host: b\r\nContent-Length: {length}\r\n\r\n{smuggled}',
    400,
    'closed',
  ],
  ['an expectation that is not known', 'Expect: 200-ok\r\n\r\n', 417, 'fresh'],
];

// Whole requests.
const others: Row[] = [
  ['only LF', 'POST {target} HTTP/1.1\nHost: a\n\n', 400, 'closed'],
  ['only CR', 'POST {target} HTTP/1.1\rHost: a\r\r', 400, 'closed'],
  ['a request line that ends in LF', 'POST {target} HTTP/1.1\nHost: a\r\n\r\n', 400, 'closed'],
  ['a first line that is folded', 'POST {target} HTTP/1.1\r\n Host: a\r\n\r\n', 400, 'closed'],
  ['no Host', 'POST {target} HTTP/1.1\r\n\r\n', 400, 'closed'],
  ['HTTP/0.9', 'GET {target}\r\n', 400, 'closed'],
  ['HTTP/1.2', 'GET {target} HTTP/1.2\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['HTTP/2.0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'closed'],
  ['a version in lower case', 'GET {target} http/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a method that is not known', 'SMUGGLE {target} HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a method in lower case', 'get {target} HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a tab in the request line', 'GET\t{target} HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a NUL in the target', 'GET {target}\0 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a line end in the target', 'GET {target}\r\nX: HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['a space before the method', ' GET {target} HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 0, 'closed'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'closed'],
  ['a percent-encoded NUL in the path', 'GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'closed'],
  [
    'chunks with HTTP/1.0',
    `POST {target} HTTP/1.0\r\nConnection: keep-alive\r\n${CHUNKED}\r\n${END}`,
    200,
    'fresh',
  ],
  [
    'a request that asks to close',
    'GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    [200, 400],
    'closed',
  ],
  [
    'empty lines before the request',
    '\r\n\r\nGET {target} HTTP/1.1\r\nHost: a\r\n\r\n',
    200,
    'fresh',
  ],
  [
    'a percent-encoded line end in the query',
    'GET {target}&id=%0d%0aHost:b HTTP/1.1\r\nHost: a\r\n\r\n',
    200,
    'fresh',
  ],
  [
    'a GET with a body',
    'GET {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{smuggled}',
    200,
    'fresh',
  ],
  [
    'a GET with a chunked body',
    `GET {target} HTTP/1.1\r\nHost: a\r\n${CHUNKED}\r\n{hex}\r\n{smuggled}\r\n${END}`,
    200,
    'fresh',
  ],
  [
    'a DELETE with a body',
    'DELETE {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{smuggled}',
    200,
    'fresh',
  ],
];

/** All of them. `topic` is what a smuggled request would be noted under. */
export function hostileRequests(topic: string): HostileRequest[] {
  const inside = smuggled(topic);
  const fill = (bytes: string, target: string): string =>
    bytes
      .replaceAll('{target}', target)
      .replaceAll('{length}', String(inside.length))
      .replaceAll('{hex}', inside.length.toString(16))
      .replaceAll('{smuggled}', inside);
  const head = 'POST {target} HTTP/1.1\r\nHost: a\r\n';
  return [
    ...posts.map(([name, rest, ...more]): Row => [name, head + rest, ...more]),
    ...others,
  ].map(([name, bytes, status, behind]) => ({
    name,
    bytes: (target) => fill(bytes, target),
    status,
    behind,
  }));
}
