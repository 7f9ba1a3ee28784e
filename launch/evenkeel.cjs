#!/usr/bin/env node
'use strict';
/** `npx evenkeel`: the command line, through the same first step as every other command. */
const path = require('node:path');

process.argv.splice(2, 0, path.join(__dirname, '..', 'cli', 'main.ts'));
require('./run.cjs');
