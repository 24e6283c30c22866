import { type BrowserMarks, xBogus } from '../../../../encryption/xbogus.ts';
import { isWhole, type XGnarlyInput, xGnarly } from '../../../../encryption/xgnarly.ts';
import type { SignatureProfile, SignerSettings } from '../connection.ts';
import type { Signer } from './signer.ts';

interface Profile {
  bogus: BrowserMarks;
  gnarly: BrowserMarks;
  form: Pick<XGnarlyInput, 'sdkVersion' | 'fieldOrder'>;
}

const canvas = 1_245_783_967;

/** `seed-5.1.1`: as public modules sign, whose two tokens differ in what they say. `seller-5.1.0`: as captured. */
const profiles: Record<SignatureProfile, Profile> = {
  'seed-5.1.1': {
    bogus: { envcode: 1, ubcode: 14, canvas },
    gnarly: { envcode: 1, ubcode: 0, canvas: 1_508_145_731 },
    form: { sdkVersion: '5.1.1', fieldOrder: 'zero_last' },
  },
  'seller-5.1.0': {
    bogus: { envcode: 1, ubcode: 14, canvas },
    gnarly: { envcode: 1, ubcode: 14, canvas },
    form: { sdkVersion: '5.1.0', fieldOrder: 'ascending' },
  },
};

/** Tokens that cannot be opened are one in ten thousand; more in a row are a setting that never gives a whole one. */
const mostTries = 20;

/** X-Bogus and X-Gnarly, both over the query without them, in the order in which the page appends them. */
export function builtinSigner(profile: SignatureProfile): Signer {
  const { bogus, gnarly, form } = profiles[profile];
  return {
    id: `builtin:${profile}`,
    sign({ query, body, userAgent, nowMs, randomWords, settings }) {
      const texts = { query, body, userAgent };
      const gnarlyMarks = marksOf(gnarly, settings);
      for (let milliseconds = nowMs; milliseconds < nowMs + mostTries; milliseconds++) {
        const keyWords = randomWords(12);
        const token = xGnarly({ ...texts, ...form, ...gnarlyMarks, milliseconds, keyWords });
        if (!isWhole(token, form.sdkVersion)) continue;
        const seconds = Math.floor(milliseconds / 1000);
        return {
          append: [
            ['X-Bogus', xBogus({ ...texts, ...marksOf(bogus, settings), seconds })],
            ['X-Gnarly', token],
          ],
        };
      }
      throw new RangeError('With these settings no token can be opened.');
    },
  };
}

function marksOf(profile: BrowserMarks, settings: SignerSettings): BrowserMarks {
  return {
    envcode: settings.envcode ?? profile.envcode,
    ubcode: settings.ubcode ?? profile.ubcode,
    canvas: settings.canvas ?? profile.canvas,
  };
}
