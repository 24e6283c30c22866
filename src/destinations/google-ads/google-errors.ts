import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { platformWords, textOf } from '../answers.ts';

/** One error of either API, wherever in an answer it stands. */
export interface GoogleError {
  /** Its name, without the family. */
  name: string;
  message: string;
  /** The row that it is about; null where it is about the request. */
  position: number | null;
}

/** @returns the errors in the `details` of a status: rows of the Google Ads API, fields of Data Manager */
export function errorsIn(details: unknown): GoogleError[] {
  if (!Array.isArray(details)) return [];
  return details.filter(isJsonObject).flatMap(({ errors, fieldViolations }) => {
    if (Array.isArray(errors)) return errors.filter(isJsonObject).map(rowError);
    return Array.isArray(fieldViolations) ? fieldViolations.filter(isJsonObject).map(fieldError) : [];
  });
}

function rowError(error: JsonObject): GoogleError {
  const [name] = isJsonObject(error.errorCode) ? Object.values(error.errorCode) : [];
  const { fieldPathElements } = isJsonObject(error.location) ? error.location : {};
  const elements: unknown[] = Array.isArray(fieldPathElements) ? fieldPathElements : [];
  const row = elements.filter(isJsonObject).find(({ fieldName }) => fieldName === 'conversions');
  // A 64-bit number, which Google may write as text.
  const position = Number(row?.index ?? Number.NaN);
  return {
    name: textOf(name) ?? 'UNKNOWN',
    message: platformWords(error.message),
    position: Number.isInteger(position) && position >= 0 ? position : null,
  };
}

function fieldError({ field, reason, description }: JsonObject): GoogleError {
  const [, index] = /^events(?:\[|\.)(\d{1,5})/.exec(String(field)) ?? [];
  return {
    name: textOf(reason) ?? 'INVALID_ARGUMENT',
    message: [platformWords(field), platformWords(description)].filter((text) => text !== '').join(' '),
    position: index === undefined ? null : Number(index),
  };
}

export function wordsOf({ name, message }: GoogleError): string {
  return message === '' ? name : `${name}: ${message}`;
}
