#!/usr/bin/env node
// Kept to syntax that an old Node can read, so that it can say that it is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tideline needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

import('../tools/setup.mjs')
  .then(({ setUp }) => setUp((line) => console.error(line)))
  .then(() => import('../dist/src/cli/main.js'))
  .then(({ main }) => main(process.argv.slice(2)))
  .then(
    (code) => process.exit(code),
    (error) => {
      // What is meant for people is complete without a stack.
      const forPeople = error.forPeople === true || error.actor !== undefined;
      console.error(forPeople ? `${error.message} ${error.action ?? ''}`.trimEnd() : error);
      process.exit(1);
    },
  );
