import { isIP } from 'node:net';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** @returns trimmed and in lower case; null where it is no address */
export function normalizeEmail(value: string): string | null {
  const email = value.trim().normalize('NFC').toLowerCase();
  return /^[^\s@]{1,320}@[^\s@]{1,255}$/.test(email) ? email : null;
}

/**
 * A phone number in E.164, with its plus sign.
 *
 * @param countryCode the calling code of the country of numbers that do not name theirs
 * @returns null where no number of any country has these digits
 */
export function normalizePhone(value: string, countryCode: string): string | null {
  // Longer than any number with its extension: not worth a parser's time.
  if (value.length > 60) return null;
  const text = value.replace(/^\s*tel:/i, '').replace(/^\s*00/, '+');
  const phone = parsePhoneNumberFromString(text, { defaultCallingCode: countryCode, extract: false });
  // Possible, not valid: number plans grow faster than any copy of them, and a number that nobody has matches nobody.
  return phone?.isPossible() === true ? phone.number : null;
}

export function normalizeName(value: string): string {
  return value.trim().normalize('NFC').toLowerCase();
}

/** @returns the address, or undefined where it is none */
export function ipAddress(value: string | undefined): string | undefined {
  const address = value?.trim() ?? '';
  return isIP(address) === 0 ? undefined : address;
}
