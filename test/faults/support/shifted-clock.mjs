// Loaded before the worker: its wall clock is wrong by TIDELINE_TEST_CLOCK_SHIFT_MS, from the start or, with
// TIDELINE_TEST_CLOCK_SHIFT_ON=SIGUSR2, from that signal on. The monotonic clock stays, as on a machine whose time is set.
const shiftMs = Number(process.env.TIDELINE_TEST_CLOCK_SHIFT_MS);
let offset = process.env.TIDELINE_TEST_CLOCK_SHIFT_ON === 'SIGUSR2' ? 0 : shiftMs;
process.on('SIGUSR2', () => {
  offset = shiftMs;
});

const RealDate = Date;
const now = () => RealDate.now() + offset;

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, given, newTarget) =>
    Reflect.construct(
      target,
      given.length === 0 ? [now()] : given,
      newTarget === globalThis.Date ? target : newTarget,
    ),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
