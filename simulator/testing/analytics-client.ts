import { readDate, ShopCalendar, writeDate } from '../analytics/calendar.ts';
import type { RunningSimulator } from '../index.ts';
import { type Envelope, TestClient } from './client.ts';
import { zoneAtNoon } from './noon.ts';

export type Row = Record<string, unknown>;

/** A client of the first shop's analytics for tests, where it is noon; days are numbers, as the simulator counts them. */
export class AnalyticsClient {
  readonly client: TestClient;
  readonly calendar: ShopCalendar;
  readonly today: number;

  private constructor(client: TestClient, calendar: ShopCalendar, today: number) {
    this.client = client;
    this.calendar = calendar;
    this.today = today;
  }

  static async connect(simulator: RunningSimulator): Promise<AnalyticsClient> {
    const client = await TestClient.connect(simulator);
    const time_zone = zoneAtNoon();
    const shown = await client.control('POST', `/shops/${client.shopId}/analytics`, { time_zone });
    return new AnalyticsClient(client, new ShopCalendar(time_zone), readDate(String(shown.today)) ?? 0);
  }

  get(path: string, query: Record<string, string> = {}): Promise<Envelope> {
    return this.client.call(path, { query, method: 'GET' });
  }

  /** Asks the control API of the shop's analytics. */
  control(method: string, path: string, body?: unknown): Promise<Row> {
    return this.client.control(method, `/shops/${this.client.shopId}/analytics${path}`, body);
  }

  /** All rows of a list, page by page. */
  async walk(path: string, list: string, query: Record<string, string>): Promise<Row[]> {
    const rows: Row[] = [];
    let token = '';
    do {
      const more = token === '' ? {} : { page_token: token };
      const page = await this.get(path, { page_size: '100', ...query, ...more });
      if (page.code !== 0) throw new Error(page.message);
      rows.push(...(page.data[list] as Row[]));
      token = String(page.data.next_page_token ?? '');
    } while (token !== '');
    return rows;
  }

  /** The units that figures of the days count. */
  async sales(from: number, to = from + 1): Promise<Row[]> {
    const { simulator, shopId } = this.client;
    const query = `start_date=${writeDate(from)}&end_date=${writeDate(to - 1)}`;
    const answer = await fetch(`${simulator.controlUrl}/shops/${shopId}/analytics/sales?${query}`);
    return (await answer.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  }
}

/** The query of a range of days, the end exclusive. */
export function dates(from: number, to = from + 1): Record<string, string> {
  return { start_date_ge: writeDate(from), end_date_lt: writeDate(to) };
}

/** Sums texts of decimals with two places exactly. */
export function cents(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + Math.round(Number(value) * 100), 0);
}
