import type { AnyListing } from '../listing.ts';
import { analyticsListings, productAnalyticsListing } from './analytics.ts';
import { apiKeyListing } from './api-keys.ts';
import { appointmentListing } from './appointments.ts';
import { bestsellerListing } from './bestsellers.ts';
import { brandListing } from './brands.ts';
import { conversionListing } from './conversions.ts';
import { customerListing } from './customers.ts';
import { driftListing, quarantineListing } from './data-quality.ts';
import { deliveryListing } from './deliveries.ts';
import { destinationListing } from './destinations.ts';
import { apiCallListing, auditListing, webhookListing } from './operations.ts';
import { orderComparisonListing } from './order-comparison.ts';
import { orderListing } from './orders.ts';
import { reconciliationListing } from './reconciliations.ts';
import { restatementListing } from './restatements.ts';
import { runListing } from './runs.ts';
import { erasureListing, shopListing } from './shops.ts';

/** Every list that can be exported; a list that is added needs a line here and its route. */
const listings: readonly AnyListing[] = [
  orderListing,
  productAnalyticsListing,
  ...Object.values(analyticsListings),
  orderComparisonListing,
  restatementListing,
  customerListing,
  bestsellerListing,
  brandListing,
  reconciliationListing,
  quarantineListing,
  driftListing,
  conversionListing,
  deliveryListing,
  runListing,
  apiCallListing,
  auditListing,
  webhookListing,
  appointmentListing,
  destinationListing,
  shopListing,
  apiKeyListing,
  erasureListing,
];

export function findListing(name: string): AnyListing {
  const found = listings.find((listing) => listing.name === name);
  if (found === undefined) throw new Error(`There is no listing ${name}.`);
  return found;
}
