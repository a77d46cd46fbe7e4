import 'reflect-metadata';
import path from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import owin from 'owin';

const handler = owin(path.join(import.meta.dirname, 'Shop.cs'));

// Decorators as calls, so that it runs without a compiler.
class ShopController {
  fromNest() {
    return 'from Nest\n';
  }
}
const { prototype } = ShopController;
Get('js')(prototype, 'fromNest', Object.getOwnPropertyDescriptor(prototype, 'fromNest'));
Controller('shop')(ShopController);

class AppModule {}
Module({ controllers: [ShopController] })(AppModule);

// Nest's own parsers would read the body first; .NET gets it all the same, but not as it comes.
const app = await NestFactory.create(AppModule, { logger: false, bodyParser: false });
app.use('/shop', handler);
await app.listen(Number(process.env.PORT ?? 3000));
console.log(await app.getUrl());
