// A host in a process of its own: node nats-host.mjs <servers> <subject> <name>
import { connect } from '@nats-io/transport-node';
import { serve } from 'owin/nats';

const [servers, subject, name] = process.argv.slice(2);
const connection = await connect({ servers });
const waiting = [];

/** @type {import('node:http').RequestListener} */
const answer = (req, res) => {
  if (req.url === '/name') res.end(name);
  else if (req.url === '/wait') waiting.push(res);
  else if (req.url === '/begin') res.setHeader('X-Name', name).write('begun');
  else {
    for (const each of waiting.splice(0)) each.end(name);
    res.end();
  }
};

serve(answer, { connection, subject });
await connection.flush();
console.log('ready');
