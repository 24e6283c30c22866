import { runTests } from './run-tests.mjs';

runTests(process.argv.slice(2)).then(
  ({ passed, failed, skipped }) => {
    if (passed + failed === 0) console.error('No test ran.');
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    process.exit(failed > 0 || passed === 0 ? 1 : 0);
  },
  (error) => {
    console.error(error.action === undefined ? error.message : `${error.message} ${error.action}`);
    console.log('0 passed, 1 failed, 0 skipped');
    process.exit(1);
  },
);
