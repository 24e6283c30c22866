/**
 * Fields of requests and answers whose texts stand in a log as they are: names of events, ids of ours and of the
 * platform's, codes, amounts, products. Whatever is not here is hashed, so that a field that a platform adds is safe.
 */
const openFields = new Set(
  [
    ...[
      'event',
      'event_name',
      'event_id',
      'event_source',
      'event_source_id',
      'action_source',
      'test_event_code',
    ],
    ...['partner_agent', 'partner_name', 'data_processing_options', 'currency', 'order_id', 'status'],
    ...['delivery_category', 'shop_id'],
    ...['content_id', 'content_ids', 'content_name', 'content_type', 'content_category', 'brand', 'id'],
    ...[
      'transactionId',
      'eventTimestamp',
      'eventSource',
      'encoding',
      'conversionAction',
      'conversionDateTime',
    ],
    ...['currencyCode', 'orderId', 'accountId', 'accountType', 'productDestinationId', 'reference'],
    ...['adUserData', 'adPersonalization', 'consentStatus'],
    ...[
      'code',
      'request_id',
      'requestId',
      'fbtrace_id',
      'type',
      'reason',
      'domain',
      'field',
      'fieldName',
      'field_path',
    ],
    ...['requestStatus', 'errorCode', '@type', 'jobId', 'recordCount'],
  ].map((name) => name.toLowerCase()),
);

/** Sentences of platforms: they stay, but for what in them may be somebody's. */
const sentences = new Set(['message', 'error_user_msg', 'error_user_title', 'description', 'msg']);

/** Under these everything is a person's, whatever it is called. */
const personalParts = new Set(['user', 'user_data', 'userdata', 'useridentifiers', 'page', 'adidentifiers']);

/** Addresses of mail, of machines and of pages, digests, telephone numbers. */
const somebodys =
  /https?:\/\/[^\s"']+|[^\s"'<>]+@[^\s"'<>]+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}\b|\b[0-9a-f]{32,}\b|\+?\d[\d\s().-]{7,}\d/gi;

export interface Hiding {
  /** A JSON text as a value with everything personal in it hashed; what is no JSON only by its length. */
  hide(json: string | null): unknown;
  hideText(text: string): string;
}

/** @param fingerprint a keyed hash: what is the same stays the same, and nobody can try out who it is */
export function createHiding(fingerprint: (value: string) => Buffer): Hiding {
  const hashOf = (value: string): string => `#${fingerprint(value).toString('hex').slice(0, 24)}`;
  const hideText = (text: string): string => text.replace(somebodys, hashOf);

  function hideValue(value: unknown, name: string, isPersonal: boolean): unknown {
    if (Array.isArray(value)) return value.map((item) => hideValue(item, name, isPersonal));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => {
          const plain = key.toLowerCase();
          return [key, hideValue(item, plain, isPersonal || personalParts.has(plain))];
        }),
      );
    }
    if (typeof value === 'number' && isPersonal) return hashOf(String(value));
    if (typeof value !== 'string' || value === '') return value;
    if (!isPersonal && openFields.has(name)) return value;
    return !isPersonal && sentences.has(name) ? hideText(value) : hashOf(value);
  }

  return {
    hide(json) {
      if (json === null || json === '') return null;
      const value = parse(json);
      return value === undefined
        ? `[${Buffer.byteLength(json)} bytes that are no JSON]`
        : hideValue(value, '', false);
    },
    hideText,
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
