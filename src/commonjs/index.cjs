// What `require('owin')` gives: the function that `import owin from 'owin'` gives, of the same module.
//
// It is loaded by Node's own loader, not by the `require` of this file. Jest gives each test file a registry of its own,
// whose `require` takes no ES modules; a process has one CLR, and its files must share what talks to it.
'use strict';
const { process } = require('node:vm').runInThisContext('globalThis');
const { createRequire } = process.getBuiltinModule('node:module');
module.exports = createRequire(__filename)('./index.js');
