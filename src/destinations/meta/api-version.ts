/** "Conversions API", Graph API. A version lives for at least two years; another one is a setting. */
export const apiVersion = 'v21.0';
