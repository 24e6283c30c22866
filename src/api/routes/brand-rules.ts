import { changeBrandRules, previewBrandRules } from '../../brands/change-brand-rules.ts';
import { readBrandRules } from '../../db/queries/brand-rules.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { addRoute, type RouteTools } from '../route.ts';
import { seeShop } from '../shop-access.ts';
import {
  alsoRefusedRules,
  brandRulePreview,
  brandRules,
  brandRulesToSet,
  changedBrandRules,
} from './brand-rules.schema.ts';
import { shopParameter } from './common.schema.ts';

const path = '/api/v1/shops/{shop}/brand_rules';
const tag = 'Analytics';

/** How brands are found in the names of products that TikTok names no brand of. */
export function addBrandRuleRoutes(
  tools: RouteTools,
  { sql, shops }: Pick<ApiDependencies, 'sql' | 'shops'>,
): void {
  addRoute(
    tools,
    {
      method: 'get',
      path,
      tag,
      operationId: 'readBrandRules',
      summary: 'The rules by which brands are found in the names of products',
      scope: 'read',
      params: shopParameter,
      responses: { 200: { description: 'The rules, in their order', schema: brandRules } },
      problems: [404],
    },
    async ({ principal, params }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: { rules: await readBrandRules(scope, sql) } };
    },
  );

  addRoute(
    tools,
    {
      method: 'put',
      path,
      tag,
      operationId: 'writeBrandRules',
      summary: 'Replace the rules by which brands are found',
      description:
        'All products, with all that was ever stored of them, have the brands of the new rules when this is answered. A brand that TikTok names of a product goes before every rule.',
      scope: 'admin',
      params: shopParameter,
      body: { schema: brandRulesToSet, required: true },
      alsoRefused: alsoRefusedRules,
      responses: { 200: { description: 'The rules as they are now', schema: changedBrandRules } },
      problems: [404],
    },
    async ({ principal, params, body }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await changeBrandRules(scope, sql, body.rules) };
    },
  );

  addRoute(
    tools,
    {
      method: 'post',
      path: `${path}/preview`,
      tag,
      operationId: 'previewBrandRules',
      summary: 'What rules would find; nothing is changed',
      scope: 'admin',
      params: shopParameter,
      body: { schema: brandRulesToSet, required: true },
      alsoRefused: alsoRefusedRules,
      idempotent: false,
      audited: false,
      responses: { 200: { description: 'What would change', schema: brandRulePreview } },
      problems: [404],
    },
    async ({ principal, params, body }) => {
      const { scope } = await seeShop(shops, principal, params.shop);
      return { status: 200, body: await previewBrandRules(scope, sql, body.rules) };
    },
  );
}
