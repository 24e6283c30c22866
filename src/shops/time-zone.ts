import { TidelineError } from '../errors.ts';

const fixedOffset = /^[+-](?:0\d|1[0-4]):[0-5]\d$/;
const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/** Whether a text is an IANA name or a fixed offset such as `-08:00`. */
export function isTimeZone(text: string): boolean {
  if (fixedOffset.test(text)) return true;
  // Intl also takes offsets in forms that PostgreSQL reads with the opposite sign, so only names pass.
  if (!zoneName.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Throws TidelineError for the user. */
export function assertTimeZone(text: string): void {
  if (isTimeZone(text)) return;
  throw new TidelineError({
    code: 'time-zone-unknown',
    message: 'The time zone is neither an IANA name nor a fixed offset.',
    actor: 'user',
    action: 'Use a name such as America/Los_Angeles or an offset such as -08:00.',
  });
}
