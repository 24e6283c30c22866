/** Every zone's offset changes at a whole quarter of an hour, if it changes. */
const quarterMs = 15 * 60_000;
const fixedOffset = /^([+-])(\d\d):(\d\d)$/;

/**
 * Moves instants so that their UTC fields read as a clock in the zone does: what spreadsheets take for a time.
 *
 * @param timeZone an IANA name or a fixed offset such as `-08:00`
 * @returns a function of milliseconds since 1970
 */
export function createWallClock(timeZone: string): (milliseconds: number) => number {
  const fixed = fixedOffset.exec(timeZone);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    const offset = (fixed[1] === '-' ? -minutes : minutes) * 60_000;
    return (milliseconds) => milliseconds + offset;
  }
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, number>();
  return (milliseconds) => {
    const quarter = Math.floor(milliseconds / quarterMs);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      offset = readOffset(format, quarter * quarterMs);
      offsets.set(quarter, offset);
    }
    return milliseconds + offset;
  };
}

function readOffset(format: Intl.DateTimeFormat, milliseconds: number): number {
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  // "GMT" alone is UTC; offsets of long ago have seconds.
  const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
  if (match === null) throw new Error(`An offset that cannot be read: ${name}.`);
  const seconds = Number(match[2] ?? 0) * 3_600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return (match[1] === '-' ? -seconds : seconds) * 1_000;
}
