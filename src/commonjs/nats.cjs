// What `require('owin/nats')` gives: as index.cjs, the module that Node's own loader has.
'use strict';
const { process } = require('node:vm').runInThisContext('globalThis');
const { createRequire } = process.getBuiltinModule('node:module');
module.exports = createRequire(__filename)('./nats/index.js');
