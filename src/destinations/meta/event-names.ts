import type { EventNames } from '../event-actions.ts';

/** Meta's standard events ("Meta Pixel: Standard Events"). */
export const eventNames: EventNames = {
  defaults: new Map([
    ['TRIAL_BOOKED', 'Lead'],
    ['TRIAL_RESCHEDULED', 'Lead'],
    ['APPOINTMENT_UPDATED', 'Schedule'],
    ['COMPLETE_REGISTRATION', 'CompleteRegistration'],
    ['INITIATE_CHECKOUT', 'InitiateCheckout'],
    ['PURCHASE', 'Purchase'],
  ]),
  standard: new Set([
    'AddPaymentInfo',
    'AddToCart',
    'AddToWishlist',
    'CompleteRegistration',
    'Contact',
    'CustomizeProduct',
    'Donate',
    'FindLocation',
    'InitiateCheckout',
    'Lead',
    'PageView',
    'Purchase',
    'Schedule',
    'Search',
    'StartTrial',
    'SubmitApplication',
    'Subscribe',
    'ViewContent',
  ]),
};
