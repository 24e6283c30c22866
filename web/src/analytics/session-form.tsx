import type { FormEvent } from 'react';
import type { SellerCenter } from '../api-types.ts';

interface SessionFormProps {
  found: SellerCenter;
  busy: boolean;
  onGiven(body: object): void;
}

interface TextField {
  name: 'seller_id' | 'fp' | 'base_url' | 'path' | 'user_agent' | 'locale' | 'signer';
  label: string;
  help: string;
  pattern?: string;
  maxLength: number;
}

const fields: readonly TextField[] = [
  {
    ...{ name: 'seller_id', label: 'Seller id', pattern: '\\d{1,25}', maxLength: 25 },
    help: 'A number; only if the cookie does not tell it.',
  },
  {
    ...{ name: 'fp', label: 'Browser id', pattern: '[\\w.~\\-]{1,200}', maxLength: 200 },
    help: 'The cookie s_v_web_id; only if it is not in the line above.',
  },
  {
    ...{ name: 'user_agent', label: 'User agent', maxLength: 500 },
    help: 'Of the browser that the session comes from: the site may end a session that changes it.',
  },
  {
    ...{ name: 'base_url', label: 'Address', maxLength: 200 },
    help: 'Of your seller center, such as https://seller-us.tiktok.com; else that of the shop’s region.',
  },
  {
    ...{ name: 'path', label: 'Path of the product list', pattern: '/api/v[23](/[a-z0-9_]{1,40}){1,10}' },
    ...{ maxLength: 420, help: 'As your browser asks for it; /api/v2/… and /api/v3/… answer differently.' },
  },
  {
    ...{ name: 'locale', label: 'Language', pattern: '[a-z]{2}(-[A-Z]{2})?', maxLength: 5 },
    help: 'Of the pages, such as en or th-TH.',
  },
  {
    ...{ name: 'signer', label: 'Signer', maxLength: 200 },
    help: 'none is where to begin; builtin signs as the page does; else a module in the folder for signers.',
  },
];

const profiles = ['seed-5.1.1', 'seller-5.1.0'];

const signerNumbers = {
  envcode: { label: 'envcode', min: 0, max: 65_024 },
  ubcode: { label: 'ubcode', min: 0, max: 255 },
  canvas: { label: 'canvas', min: 65_025, max: 4_294_967_295 },
} as const;
const numberNames = Object.keys(signerNumbers) as (keyof typeof signerNumbers)[];

/** The owner's session, and how the seller center is asked with it. What is left empty stays as it is. */
export function SessionForm({ found, busy, onGiven }: SessionFormProps) {
  const isOn = found.status !== 'off';
  const give = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onGiven(bodyOf(new FormData(event.currentTarget)));
  };
  return (
    <details>
      <summary>{isOn ? 'Hand over a new session' : 'Turn on with your own session'}</summary>
      <ul className="notice warning">
        <li>
          Only for a shop of your own. TikTok documents nothing of this and may not allow programs to read
          these pages: that is yours to judge. Prefer the permission for your app, then the workbook.
        </li>
        <li>
          The session is as good as your password. It is kept encrypted, shown nowhere, and only product
          analytics are read with it: one request at a time, nothing is changed.
        </li>
        <li>It ends every few days. Tideline then stops at once and waits for a new one.</li>
      </ul>
      <form onSubmit={give}>
        <label>
          Cookie: the whole <em>Cookie</em> line of a request that your browser sends to the seller center
          (developer tools, Network)
          <input type="password" name="cookie" required autoComplete="off" maxLength={16_384} />
        </label>
        <details>
          <summary>If the cookie alone does not do</summary>
          <p className="quiet">What you leave empty stays as it is.</p>
          {fields.map(({ name, label, help, ...limits }) => (
            <p key={name}>
              <label htmlFor={`session-${name}`}>{label}</label>
              <input
                id={`session-${name}`}
                name={name}
                title={help}
                aria-describedby={`session-${name}-help`}
                placeholder={name === 'fp' ? '' : (found[name] ?? '')}
                {...limits}
              />
              <span className="quiet" id={`session-${name}-help`}>
                {help}
              </span>
            </p>
          ))}
          <p>
            <label htmlFor="session-profile">Version of the built-in signature</label>
            <select id="session-profile" name="profile" defaultValue={found.profile ?? ''}>
              <option value="">as it is</option>
              {profiles.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </p>
          <fieldset className="checks">
            <legend>What the built-in signature says of your browser</legend>
            {numberNames.map((name) => {
              const { label, ...limits } = signerNumbers[name];
              return (
                <label key={name}>
                  {label}{' '}
                  <input
                    type="number"
                    name={name}
                    placeholder={String(found.signer_settings?.[name] ?? '')}
                    {...limits}
                  />
                </label>
              );
            })}
          </fieldset>
        </details>
        <label className="check">
          <input type="checkbox" required /> This is my own account, and I want Tideline to read product
          analytics with it.
        </label>
        <button type="submit" className="button" disabled={busy}>
          Hand over the session
        </button>
      </form>
    </details>
  );
}

/** Only what was filled in: the rest is not to change. */
function bodyOf(form: FormData): object {
  const given = (name: string): string => String(form.get(name) ?? '').trim();
  const filled = (names: readonly string[]) => names.filter((name) => given(name) !== '');
  const numbers = filled(numberNames).map((name) => [name, Number(given(name))] as const);
  return {
    ...Object.fromEntries(
      filled(['cookie', ...fields.map(({ name }) => name), 'profile']).map((name) => [name, given(name)]),
    ),
    ...(numbers.length === 0 ? {} : { signer_settings: Object.fromEntries(numbers) }),
  };
}
