import type { PersonalFields } from '../inspect.ts';

export type { PersonalFields };

const personalName = /(email|phone|mobile|address|name|nick|avatar|message|note|cpf|registry|birth|tax_?id)/i;

/** Whether a field that TikTok does not document counts as personal: by its name, rather once too often. */
export function looksPersonal(name: string): boolean {
  return personalName.test(name);
}

/** TikTok masks personal data with asterisks while it handles the parcel itself ("Order detail", recipient address). */
export function isMasked(personal: PersonalFields): boolean {
  return JSON.stringify(personal).includes('**');
}
