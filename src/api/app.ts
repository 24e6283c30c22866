import { OpenAPIHono } from '@hono/zod-openapi';
import { createAuditTrail } from './audit-trail.ts';
import type { ApiEnvironment } from './context.ts';
import { createDashboard } from './dashboard.ts';
import type { ApiDependencies } from './dependencies.ts';
import { createOnce } from './idempotency.ts';
import { ListDirectory } from './lists.ts';
import { createMethodLookup } from './methods.ts';
import { createAuthenticator } from './middleware/authentication.ts';
import { limitBody } from './middleware/limit-body.ts';
import { checkOrigin } from './middleware/origin.ts';
import { requestId } from './middleware/request-id.ts';
import { requestLog } from './middleware/request-log.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { shedLoad } from './middleware/shed-load.ts';
import { createErrorHandler, methodNotAllowed, problemResponse } from './problem.ts';
import type { RouteTools } from './route.ts';
import { addAnalyticsRoutes } from './routes/analytics.ts';
import { addAnalyticsDetailRoutes } from './routes/analytics-details.ts';
import { addApiCallRoutes } from './routes/api-calls.ts';
import { addApiKeyRoutes } from './routes/api-keys.ts';
import { addAppointmentRoutes } from './routes/appointments.ts';
import { addAuditLogRoutes } from './routes/audit-log.ts';
import { addBackfillRoutes } from './routes/backfills.ts';
import { addBestsellerRoute } from './routes/bestsellers.ts';
import { addBrandRuleRoutes } from './routes/brand-rules.ts';
import { addBrandRoute } from './routes/brands.ts';
import { addConnectRoutes } from './routes/connect.ts';
import { addConversionPreviewRoutes } from './routes/conversion-preview.ts';
import { addConversionReportRoutes } from './routes/conversion-reports.ts';
import { addConversionSourceRoutes } from './routes/conversion-source.ts';
import { addConversionRoutes } from './routes/conversions.ts';
import { addCustomerRoute } from './routes/customers.ts';
import { addDataQualityRoutes } from './routes/data-quality.ts';
import { addDeliveryRoutes } from './routes/deliveries.ts';
import { addDestinationRoutes } from './routes/destinations.ts';
import { addDocsRoutes } from './routes/docs.ts';
import { addErasureRoutes } from './routes/erasures.ts';
import { addExportRoutes } from './routes/exports.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addInsightRoutes } from './routes/insights.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addOrderComparisonRoute } from './routes/order-comparison.ts';
import { addOrderRoutes } from './routes/orders.ts';
import { addReconciliationRoutes } from './routes/reconciliations.ts';
import { addRestatementRoute } from './routes/restatements.ts';
import { addRunRoutes } from './routes/runs.ts';
import { addScheduleRoutes } from './routes/schedules.ts';
import { addSellerCenterRoutes } from './routes/seller-center.ts';
import { addSessionRoutes } from './routes/session.ts';
import { addShopRoutes } from './routes/shops.ts';
import { addSnippetRoute, snippetPath } from './routes/snippet.ts';
import { addSyncRoutes } from './routes/sync.ts';
import { addTestEventRoutes } from './routes/test-events.ts';
import { addWebhookRoutes } from './routes/webhooks.ts';
import { addWorkbookRoutes } from './routes/workbooks.ts';

const largestBody = 10 * 1024 * 1024;
/** Twenty for each connection to the database: what waits behind more than that is answered too late anyway. */
const mostRequestsAtOnce = 200;

/** The HTTP API and the dashboard as one app; it opens no port by itself. */
export function createApp(dependencies: ApiDependencies): OpenAPIHono<ApiEnvironment> {
  const { sql, logger, settings } = dependencies;
  const app = new OpenAPIHono<ApiEnvironment>();
  app.onError(createErrorHandler(logger));
  app.use(
    requestId,
    requestLog(logger),
    securityHeaders({ publicUrl: settings.publicUrl, forEveryOrigin: [snippetPath] }),
    checkOrigin({ ...settings, forEveryOrigin: [snippetPath] }),
    shedLoad(mostRequestsAtOnce),
    limitBody(largestBody),
  );

  const audit = createAuditTrail(sql, logger);
  const { apiKey: environmentKey, requestsPerSecond } = settings;
  const tools: RouteTools = {
    app,
    authenticate: createAuthenticator({ sql, environmentKey, requestsPerSecond, audit }),
    audit,
    withoutHead: new Set(),
    once: createOnce(sql),
    lists: new ListDirectory(),
    exports: dependencies.exports,
    verifyAnswers: dependencies.verifyAnswers ?? false,
  };
  addHealthRoutes(tools, dependencies);
  addSessionRoutes(tools, dependencies);
  addApiKeyRoutes(tools, dependencies);
  addAuditLogRoutes(tools, dependencies);
  addApiCallRoutes(tools, dependencies);
  addSyncRoutes(tools, dependencies);
  addRunRoutes(tools, dependencies);
  addBackfillRoutes(tools, dependencies);
  addReconciliationRoutes(tools, dependencies);
  addScheduleRoutes(tools, dependencies);
  addConnectRoutes(tools, dependencies);
  addShopRoutes(tools, dependencies);
  addSellerCenterRoutes(tools, dependencies);
  addWorkbookRoutes(tools, dependencies);
  addOrderRoutes(tools, dependencies);
  addAnalyticsRoutes(tools, dependencies);
  addAnalyticsDetailRoutes(tools, dependencies);
  addBestsellerRoute(tools, dependencies);
  addOrderComparisonRoute(tools, dependencies);
  addRestatementRoute(tools, dependencies);
  addInsightRoutes(tools, dependencies);
  addCustomerRoute(tools, dependencies);
  addBrandRoute(tools, dependencies);
  addBrandRuleRoutes(tools, dependencies);
  addDataQualityRoutes(tools, dependencies);
  addConversionReportRoutes(tools, dependencies);
  addConversionSourceRoutes(tools, dependencies);
  addConversionRoutes(tools, dependencies);
  addConversionPreviewRoutes(tools, dependencies);
  addAppointmentRoutes(tools, dependencies);
  addWebhookRoutes(tools, dependencies);
  addSnippetRoute(tools, dependencies);
  addDeliveryRoutes(tools, dependencies);
  addDestinationRoutes(tools, dependencies);
  addTestEventRoutes(tools, dependencies);
  addErasureRoutes(tools, dependencies);
  addExportRoutes(tools, dependencies);
  addMetricsRoute(tools, dependencies);
  addDocsRoutes(tools, settings.version);

  const methodsOf = createMethodLookup(app, tools.withoutHead);
  const dashboard = createDashboard(settings.dashboardDirectory);
  app.notFound(async (context) => {
    const { path, method } = context.req;
    const isReading = method === 'GET' || method === 'HEAD';
    const methods = !isReading && dashboard.has(path) ? ['GET', 'HEAD'] : methodsOf(path);
    if (methods.length > 0) {
      const { status, code, message, headers } = methodNotAllowed(methods);
      return problemResponse(context, { status, code, detail: message }, headers);
    }
    const page = await dashboard.serve(context);
    return (
      page ?? problemResponse(context, { status: 404, code: 'not-found', detail: 'There is no such path.' })
    );
  });
  return app;
}
