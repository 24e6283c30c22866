/**
 * Loaded with `--import` into the worker and the API when the supervisor starts them: they end with it, even when it
 * was killed and could tell nobody.
 */
const LONGEST_FAREWELL_MS = 15_000;

if (process.channel !== undefined) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), LONGEST_FAREWELL_MS).unref();
  });
  // Listening must not keep a process alive that has finished its work.
  process.channel.unref();
}
