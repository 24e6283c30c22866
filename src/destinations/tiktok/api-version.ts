/** "Report App, Web, Offline, or CRM Events", TikTok API for Business, Events API 2.0. */
export const apiVersion = 'v1.3';
