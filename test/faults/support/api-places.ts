import type { FaultRig } from './fault-rig.ts';
import type { Place } from './traces.ts';

interface OpenApi {
  paths: Record<string, Record<string, unknown>>;
}

/**
 * What every GET route of the OpenAPI document answers, headers included, with each of the values for its parameters.
 *
 * @param values by the parameter's name; a route with a parameter that has none is an error, so that none is left out.
 */
export async function apiPlaces(
  rig: FaultRig,
  key: string,
  values: Readonly<Record<string, readonly string[]>>,
): Promise<Place[]> {
  const { paths } = await rig.api.get<OpenApi>('/openapi.json');
  const routes = Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {}));
  const places: Place[] = [];
  for (const path of routes.flatMap((route) => filledIn(route, values))) {
    places.push(await answer(rig, key, path));
  }
  return places;
}

function filledIn(route: string, values: Readonly<Record<string, readonly string[]>>): string[] {
  const name = /\{(\w+)\}/.exec(route)?.[1];
  if (name === undefined) return [route];
  const known = values[name];
  if (known === undefined) throw new Error(`Which ${name} ${route} is to be asked for is not said.`);
  return known.flatMap((value) => filledIn(route.replace(`{${name}}`, encodeURIComponent(value)), values));
}

/** What a request is answered with. */
export async function answer(
  rig: FaultRig,
  key: string,
  path: string,
  init: RequestInit = {},
): Promise<Place> {
  const response = await fetch(`${rig.apiUrl}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { authorization: `Bearer ${key}`, ...init.headers },
  });
  const headers = [...response.headers].map((pair) => pair.join(': ')).join('\n');
  const name = `${init.method ?? 'GET'} ${path}: ${response.status}`;
  return { name, text: `${headers}\n\n${await response.text()}` };
}
