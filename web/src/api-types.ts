/** What the API answers: its own declared schemas, of which nothing but the types gets into the pages. */
import type { z } from 'zod';
import type { analyticsPage, coverage } from '../../src/api/routes/analytics.schema.ts';
import type { newestDetails } from '../../src/api/routes/analytics-details.schema.ts';
import type { ranking } from '../../src/api/routes/bestsellers.schema.ts';
import type { brandRulePreview, rule } from '../../src/api/routes/brand-rules.schema.ts';
import type { page } from '../../src/api/routes/common.schema.ts';
import type { drift, setAside } from '../../src/api/routes/data-quality.schema.ts';
import type { delivery } from '../../src/api/routes/deliveries.schema.ts';
import type { destination } from '../../src/api/routes/destinations.schema.ts';
import type { exportRun } from '../../src/api/routes/exports.schema.ts';
import type { explained, insights, kpis, productInsight } from '../../src/api/routes/insights.schema.ts';
import type { comparedDay } from '../../src/api/routes/order-comparison.schema.ts';
import type { restatement } from '../../src/api/routes/restatements.schema.ts';
import type { sellerCenter } from '../../src/api/routes/seller-center.schema.ts';
import type { session } from '../../src/api/routes/session.schema.ts';
import type { shop } from '../../src/api/routes/shops.schema.ts';
import type {
  backfillDay,
  progress,
  run,
  runError,
  runStatus,
  runWithDays,
  startedRun,
  streamStatus,
} from '../../src/api/routes/sync.schema.ts';
import type { ExactNumber } from '../../src/exact-number.ts';

/** As it arrives: a number whose every digit was written is a number like any other to `JSON.parse`. */
type Received<Value> = Value extends ExactNumber
  ? number
  : Value extends object
    ? { [Name in keyof Value]: Received<Value[Name]> }
    : Value;

type Answer<Schema extends z.ZodType> = Received<z.output<Schema>>;

export type Session = Answer<typeof session>;
export type Shop = Answer<typeof shop>;

export type Progress = Answer<typeof progress>;
export type RunStatus = Answer<typeof runStatus>;
export type RunError = Answer<typeof runError>;
export type Run = Answer<typeof run>;
export type RunWithDays = Answer<typeof runWithDays>;
export type BackfillDay = Answer<typeof backfillDay>;
export type StartedRun = Answer<typeof startedRun>;
export type StreamStatus = Answer<typeof streamStatus>;
export type Export = Answer<typeof exportRun>;

export type SetAsideRecord = Answer<typeof setAside>;
export type Drift = Answer<typeof drift>;

export type Destination = Answer<typeof destination>;
export type Delivery = Answer<typeof delivery>;

export type Page<Item> = Answer<ReturnType<typeof page<z.ZodType<Item>>>>;

/** How much of a range is known of a shop's figures. */
export type Coverage = Answer<typeof coverage>;

/** Money is a text, for it is exact; null is what TikTok did not tell. */
export type Figure = string | number | null;
export type Figures = Readonly<Record<string, Figure>>;

/**
 * A row of a list of figures: what it is of, its figures, and those of the days it is compared with. The API makes its
 * schema of the stream's declaration, which names the columns only when it runs.
 */
export interface AnalyticsRow {
  readonly [column: string]: Figure | Figures | undefined;
  readonly previous?: Figures;
  readonly change?: Figures;
}

export type AnalyticsPage = Answer<ReturnType<typeof analyticsPage<z.ZodType<AnalyticsRow>>>>;

/** What stands beside the figures of a product, as of one day. */
export type NewestOfProduct = Answer<typeof newestDetails.product_details>;
/** What stands beside the figures of a video, as of one day. */
export type NewestOfVideo = Answer<typeof newestDetails.video_details>;

/** Figures of one product, SKU or video over time. */
export interface DetailPage extends AnalyticsPage {
  newest?: NewestOfProduct | NewestOfVideo | null;
}

/** Places of the market, of one day and the days before it. */
export type BestsellerRanking = Answer<typeof ranking>;

export type Kpis = Answer<typeof kpis>;
export type KeyFigures = Kpis['previous'];

export type Insights = Answer<typeof insights>;
export type ProductInsight = Answer<typeof productInsight>;
export type Explained<Item> = Answer<ReturnType<typeof explained<z.ZodType<Item>>>>;

export type ComparedDay = Answer<typeof comparedDay>;
export type Restatement = Answer<typeof restatement>;
export type SellerCenter = Answer<typeof sellerCenter>;

/** How brands are found in the names of products that TikTok names no brand of. */
export type BrandRule = Answer<typeof rule>;
export type BrandRulePreview = Answer<typeof brandRulePreview>;
