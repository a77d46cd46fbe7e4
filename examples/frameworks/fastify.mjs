import path from 'node:path';
import middie from '@fastify/middie';
import fastify from 'fastify';
import owin from 'owin';

const handler = owin(path.join(import.meta.dirname, 'Shop.cs'));
const app = fastify();

// As middleware: before routes and body parsers; what .NET does not answer goes on to fastify.
await app.register(middie);
app.use('/shop', handler);

// As a plain route: fastify's hooks come first. Its parsers must leave the body alone.
await app.register(async (plain) => {
  plain.removeAllContentTypeParsers();
  plain.addContentTypeParser('*', (_request, _body, done) => done(null));
  plain.all('/orders', (request, reply) => {
    reply.hijack();
    handler(request.raw, reply.raw);
  });
});

app.get('/shop/js', async () => 'from fastify\n');
app.addHook('onClose', () => handler.close());

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000) }));
