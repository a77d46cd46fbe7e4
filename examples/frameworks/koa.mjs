import path from 'node:path';
import Koa from 'koa';
import owin from 'owin';

const handler = owin(path.join(import.meta.dirname, 'Shop.cs'));

/** A handler as koa's middleware: what .NET does not answer goes on to koa. */
const dotnet = (ctx, next) =>
  new Promise((resolve, reject) => {
    ctx.respond = false;
    ctx.res.once('close', resolve);
    handler(ctx.req, ctx.res, (error) => {
      ctx.respond = true;
      if (error) reject(error);
      else resolve(next());
    });
  });

const app = new Koa();
app.use(dotnet);
app.use((ctx) => {
  ctx.body = 'from koa\n';
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}`);
});
