export interface RateSetting {
  /** Calls a second; 0 is without limit. */
  rate: number;
  burst: number;
}

/** Token buckets for each app, shop and endpoint (facts, section 9), and the hourly quota of development shops. */
export class RateLimits {
  setting: RateSetting;
  hourlyQuota: number;
  readonly #special = new Map<string, RateSetting>();
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #hours = new Map<string, { hour: number; calls: number }>();

  constructor(setting: RateSetting, hourlyQuota: number) {
    this.setting = setting;
    this.hourlyQuota = hourlyQuota;
  }

  /** Another rate for one shop, one route or both; `null` stands for all. */
  set(shopId: string | null, route: string | null, setting: RateSetting): void {
    if (shopId === null && route === null) {
      this.setting = setting;
      this.#special.clear();
    } else this.#special.set(`${shopId ?? '*'} ${route ?? '*'}`, setting);
    this.#buckets.clear();
  }

  /** Takes one call: 0 when it may pass, otherwise the seconds until the next one may. */
  take(appKey: string, shopId: string, route: string): number {
    const setting =
      this.#special.get(`${shopId} ${route}`) ??
      this.#special.get(`${shopId} *`) ??
      this.#special.get(`* ${route}`) ??
      this.setting;
    if (setting.rate <= 0) return 0;
    const capacity = Math.max(1, setting.burst > 0 ? setting.burst : setting.rate);
    const name = `${appKey} ${shopId} ${route}`;
    const now = performance.now();
    const bucket = this.#buckets.get(name) ?? { tokens: capacity, at: now };
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * setting.rate);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / setting.rate;
    bucket.tokens -= 1;
    return 0;
  }

  /** Whether the shop's quota of this clock hour is used up; counts the call otherwise. */
  overQuota(shopId: string, now: number): boolean {
    if (this.hourlyQuota <= 0) return false;
    const hour = Math.floor(now / 3600);
    const used = this.#hours.get(shopId);
    const calls = used?.hour === hour ? used.calls : 0;
    if (calls >= this.hourlyQuota) return true;
    this.#hours.set(shopId, { hour, calls: calls + 1 });
    return false;
  }
}
