const numbers = new Intl.NumberFormat();
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const shortDays = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const clockTimes = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const percents = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const changes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, signDisplay: 'exceptZero' });

export function count(value: number): string {
  return numbers.format(value);
}

export function moment(time: string | null): string {
  return time === null ? 'never' : moments.format(new Date(time));
}

/** A calendar day, whatever the zone of the reader. */
export function dayName(day: string): string {
  return days.format(new Date(`${day}T00:00:00Z`));
}

/** The same without its year, for the axis of a chart. */
export function shortDay(day: string): string {
  return shortDays.format(new Date(`${day}T00:00:00Z`));
}

export function clockTime(time: string): string {
  return clockTimes.format(new Date(time));
}

/**
 * An exact amount with the digits that its currency has.
 *
 * @param amount a decimal text: money never becomes a floating-point number
 * @param currency of ISO 4217; null where none is known yet
 */
export function money(amount: string, currency: string | null): string {
  return moneyFormat(currency).format(amount as Intl.StringNumericLiteral);
}

/** The same in few characters, for the axis of a chart. */
export function shortMoney(amount: number, currency: string | null): string {
  return moneyFormat(currency, 'compact').format(amount);
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string | null, notation: 'standard' | 'compact' = 'standard') {
  const name = `${currency} ${notation}`;
  const known = moneyFormats.get(name);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(undefined, {
    notation,
    ...(currency === null ? { maximumFractionDigits: 20 } : { style: 'currency', currency }),
    ...(notation === 'compact' ? { maximumFractionDigits: 1, minimumFractionDigits: 0 } : {}),
  });
  moneyFormats.set(name, made);
  return made;
}

/** Of a value from 0 to 100. */
export function percent(value: string | number): string {
  return `${percents.format(value as number)} %`;
}

/** How much more or less, in percent: `+12.5 %`. */
export function changeInPercent(value: number): string {
  return `${changes.format(value)} %`;
}

/** `3 min 20 s`, in the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole === 0) return seconds > 0 ? 'under 1 s' : '0 s';
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return inTwo(Math.floor(whole / 60), 'min', whole % 60, 's');
  return inTwo(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

function inTwo(larger: number, largerUnit: string, smaller: number, smallerUnit: string): string {
  return `${larger} ${largerUnit}${smaller === 0 ? '' : ` ${smaller} ${smallerUnit}`}`;
}

/** `UTC−08:00` for a fixed offset; names stay as they are. */
export function nameOfZone(zone: string): string {
  return /^[+-]/.test(zone) ? `UTC${zone.replace('-', '−')}` : zone;
}

const words: Record<string, string> = {
  completed_with_differences: 'completed, with differences',
  idle: 'up to date',
};

export function word(status: string): string {
  return words[status] ?? status;
}
