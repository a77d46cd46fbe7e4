#!/usr/bin/env node
// The executable `owin`. One file a command: each makes its Command, and is added here.
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { client } from './client.ts';
import { doctor } from './doctor.ts';
import { fail } from './failure.ts';
import { serve } from './serve.ts';
import { types } from './types.ts';

const { version, description } = createRequire(import.meta.url)('../../package.json');

const program = new Command('owin')
  .description(description)
  .version(version)
  .addCommand(serve())
  .addCommand(doctor())
  .addCommand(types())
  .addCommand(client())
  .showHelpAfterError('(owin --help lists the commands and their options)');

// What a command leaves to the process, an exception of the app on a thread of its own for one.
process.on('uncaughtException', fail);
await program.parseAsync().catch(fail);
