import type { EventNames } from '../event-actions.ts';

/**
 * TikTok's standard events ("Supported standard events", and the names that it renamed in May 2025: those keep working,
 * but pixel and server must spell an event alike, or it counts twice).
 */
const standard: ReadonlySet<string> = new Set([
  'AddPaymentInfo',
  'AddToCart',
  'AddToWishlist',
  'ApplicationApproval',
  'ClickButton',
  'CompletePayment',
  'CompleteRegistration',
  'Contact',
  'CustomizeProduct',
  'Download',
  'FindLocation',
  'InitiateCheckout',
  'Lead',
  'PageView',
  'Pageview',
  'PlaceAnOrder',
  'Purchase',
  'Schedule',
  'Search',
  'StartTrial',
  'SubmitApplication',
  'SubmitForm',
  'Subscribe',
  'ViewContent',
]);

function defaults(lead: string, purchase: string): ReadonlyMap<string, string> {
  return new Map([
    ['TRIAL_BOOKED', lead],
    ['TRIAL_RESCHEDULED', lead],
    ['APPOINTMENT_UPDATED', 'Schedule'],
    ['COMPLETE_REGISTRATION', 'CompleteRegistration'],
    ['INITIATE_CHECKOUT', 'InitiateCheckout'],
    ['PURCHASE', purchase],
  ]);
}

export const eventNames: Record<'legacy' | 'current', EventNames> = {
  legacy: { defaults: defaults('SubmitForm', 'CompletePayment'), standard },
  current: { defaults: defaults('Lead', 'Purchase'), standard },
};
