// Takes the lock of a data directory, says how that went, and holds it until its input ends.
import { lockDataDirectory } from '../../dist/src/servers/data-directory-lock.js';

try {
  lockDataDirectory(process.argv[2]);
  console.log('taken');
} catch (error) {
  console.log(error.code);
}
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
