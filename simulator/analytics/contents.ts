import { fraction, hash } from '../random.ts';
import type { ShopCalendar } from './calendar.ts';

export const contentTypes = ['LIVE', 'VIDEO', 'PRODUCT_CARD'] as const;
export type ContentType = (typeof contentTypes)[number];
export type AccountType = 'OFFICIAL_ACCOUNTS' | 'MARKETING_ACCOUNTS' | 'AFFILIATE_ACCOUNTS';

/** Who made a content: the shop's own accounts come first, creators of the affiliate programme after them. */
export interface Account {
  number: number;
  username: string;
  openId: string;
  type: AccountType;
}

export interface Video {
  /** Names it in maps: cheaper than the id. */
  number: number;
  id: string;
  title: string;
  account: Account;
  /** Unix seconds. */
  postedAt: number;
  /** Seconds. */
  duration: number;
  /** Numbers of the products that it shows. */
  products: number[];
}

export interface LiveSession {
  number: number;
  id: string;
  title: string;
  account: Account;
  /** Unix seconds. */
  startsAt: number;
  endsAt: number;
}

/** Where a sale came from; every sale has exactly one origin. */
export interface Origin {
  type: ContentType;
  /** Number of the video or session; -1 for a product card. */
  content: number;
  /** `null` for the shop's own product card. */
  account: Account | null;
}

const affiliateCount = 40;
const groupSize = 4;
const cohortDays = 60;
/** A video sells until the next cohort but one begins. */
const cohortsAlive = 2;
const subjects = ['Unboxing', 'Morning routine', 'Honest review', 'Packing orders', 'Three ways to use it'];
const topics = ['Seaside evening', 'Restock', 'Last chance', 'Questions and answers'];

/**
 * Videos, LIVE sessions and creators of one shop, all of them from (seed, number): every group of four products gets a
 * video in most stretches of sixty days, and most evenings have a session. Nothing is kept but what is asked for often.
 */
export class Contents {
  readonly #seed: number;
  readonly #digits: string;
  readonly #products: number;
  readonly #calendar: ShopCalendar;
  readonly #sessions = new Map<number, LiveSession[]>();
  readonly #videos = new Map<number, Video | null>();
  readonly accounts: readonly Account[];

  constructor(seed: number, digits: string, products: number, calendar: ShopCalendar) {
    this.#seed = seed;
    this.#digits = digits;
    this.#products = products;
    this.#calendar = calendar;
    this.accounts = Array.from({ length: affiliateCount + 2 }, (_, number) => ({
      number,
      username:
        number === 0
          ? `tide.shop.${digits}`
          : number === 1
            ? `tide.studio.${digits}`
            : `creator.${digits}.${number - 1}`,
      openId: `${hash(seed, number, 201).toString(16).padStart(8, '0')}${'0'.repeat(20)}${String(number).padStart(4, '0')}`,
      type: number === 0 ? 'OFFICIAL_ACCOUNTS' : number === 1 ? 'MARKETING_ACCOUNTS' : 'AFFILIATE_ACCOUNTS',
    }));
  }

  /** Where the nth unit of an order came from. `turn` above 0 gives another answer: the platform thought again. */
  origin(order: number, nth: number, product: number, createTime: number, turn: number): Origin {
    const seed = this.#seed + turn;
    const roll = fraction(seed, order, 300 + nth);
    if (roll < 0.55) {
      const session = this.sessionAt(createTime);
      if (session !== null) return { type: 'LIVE', content: session.number, account: session.account };
    }
    if (roll > 0.5) {
      const video = this.#videoOf(product, createTime);
      if (video !== null) return { type: 'VIDEO', content: video.number, account: video.account };
    }
    const showcase = hash(seed, order, 400 + nth);
    const account = showcase % 5 === 0 ? this.#affiliate(showcase >>> 4) : null;
    return { type: 'PRODUCT_CARD', content: -1, account };
  }

  /** The session that is on at the moment. */
  sessionAt(seconds: number): LiveSession | null {
    const today = this.#calendar.dayOf(seconds);
    for (const dayNumber of [today, today - 1]) {
      const found = this.sessionsOf(dayNumber).find(
        ({ startsAt, endsAt }) => startsAt <= seconds && seconds < endsAt,
      );
      if (found !== undefined) return found;
    }
    return null;
  }

  /** The sessions that begin on the day. */
  sessionsOf(dayNumber: number): LiveSession[] {
    const known = this.#sessions.get(dayNumber);
    if (known !== undefined) return known;
    const count = [0, 1, 1, 2][hash(this.#seed, dayNumber, 210) % 4] ?? 1;
    const made = Array.from({ length: count }, (_, nth) => this.#makeSession(dayNumber, nth));
    this.#sessions.set(dayNumber, made);
    return made;
  }

  session(number: number): LiveSession | null {
    return this.sessionsOf(Math.floor(number / 4)).find((session) => session.number === number) ?? null;
  }

  sessionById(id: string): LiveSession | null {
    if (!/^\d{19}$/.test(id)) return null;
    const found = this.session(Number(id.slice(6)));
    return found?.id === id ? found : null;
  }

  /** The videos posted before `seconds` that still sell, in the order of their numbers. */
  videosAliveAt(seconds: number): Video[] {
    const cohort = this.#cohort(seconds);
    const found: Video[] = [];
    for (let back = cohortsAlive - 1; back >= 0; back -= 1) {
      for (let group = 0; group * groupSize < this.#products; group += 1) {
        const video = this.video(this.#videoNumber(cohort - back, group));
        if (video !== null && video.postedAt <= seconds) found.push(video);
      }
    }
    return found;
  }

  video(number: number): Video | null {
    const known = this.#videos.get(number);
    if (known !== undefined) return known;
    const made = this.#makeVideo(number);
    this.#videos.set(number, made);
    return made;
  }

  videoById(id: string): Video | null {
    if (!/^\d{19}$/.test(id)) return null;
    const found = this.video(Number(id.slice(6)));
    return found?.id === id ? found : null;
  }

  #videoOf(product: number, seconds: number): Video | null {
    const cohort = this.#cohort(seconds);
    const group = Math.floor(product / groupSize);
    for (let back = 0; back < cohortsAlive; back += 1) {
      const video = this.video(this.#videoNumber(cohort - back, group));
      if (video !== null && video.postedAt <= seconds) return video;
    }
    return null;
  }

  #cohort(seconds: number): number {
    return Math.floor(this.#calendar.dayOf(seconds) / cohortDays);
  }

  #videoNumber(cohort: number, group: number): number {
    return cohort * 1_000_000 + group;
  }

  #makeVideo(number: number): Video | null {
    const group = number % 1_000_000;
    const first = group * groupSize;
    if (first >= this.#products || fraction(this.#seed, number, 220) >= 0.7) return null;
    const cohort = (number - group) / 1_000_000;
    const dayNumber = cohort * cohortDays + (hash(this.#seed, number, 221) % 25);
    const who = hash(this.#seed, number, 222);
    return {
      number,
      id: `7410${this.#digits}${String(number).padStart(13, '0')}`,
      title: `${subjects[who % subjects.length]} no. ${group + 1}`,
      account: this.#author(who >>> 4),
      postedAt: this.#calendar.momentOf(dayNumber, 36_000 + (hash(this.#seed, number, 223) % 36_000)),
      duration: 12 + (hash(this.#seed, number, 224) % 80),
      products: Array.from({ length: Math.min(groupSize, this.#products - first) }, (_, nth) => first + nth),
    };
  }

  #makeSession(dayNumber: number, nth: number): LiveSession {
    const number = dayNumber * 4 + nth;
    const roll = hash(this.#seed, number, 230);
    const hour = 3_600;
    // One evening in ten ends after midnight: such a session has figures on two days.
    const clock = nth === 1 ? 11 * hour : roll % 10 === 0 ? 23 * hour : 18 * hour + (roll % hour);
    const startsAt = this.#calendar.momentOf(dayNumber, clock);
    return {
      number,
      id: `7420${this.#digits}${String(number).padStart(13, '0')}`,
      title: `${topics[(roll >>> 8) % topics.length]} (${nth + 1})`,
      account: this.#author(hash(this.#seed, number, 231)),
      startsAt,
      endsAt: startsAt + 60 * (45 + ((roll >>> 12) % 136)),
    };
  }

  /** Half of what is made is the shop's own. */
  #author(roll: number): Account {
    const own = this.accounts[roll % 5 === 4 ? 1 : 0];
    return roll % 2 === 0 && own !== undefined ? own : this.#affiliate(roll >>> 3);
  }

  #affiliate(roll: number): Account {
    const found = this.accounts[2 + (roll % affiliateCount)];
    if (found === undefined) throw new Error('a shop without creators');
    return found;
  }
}
