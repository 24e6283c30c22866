/** A calendar day, `YYYY-MM-DD`. As text, days compare as they follow each other. */
export type Day = string;

const dayMs = 86_400_000;

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && toDay(time) === text;
}

export function addDays(day: Day, days: number): Day {
  return toDay(Date.parse(`${day}T00:00:00Z`) + days * dayMs);
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/**
 * The calendar day of a shop at an instant.
 *
 * @param zone an IANA name, or a fixed offset such as `-08:00`
 */
export function dayIn(zone: string, instant: Date): Day {
  const offset = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const [, sign, hours, minutes] = offset;
    const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return toDay(instant.getTime() + (sign === '-' ? -ms : ms));
  }
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

function toDay(time: number): Day {
  return new Date(time).toISOString().slice(0, 10);
}
