import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode } from '@temporalio/worker';
import { packageRoot } from '../paths.ts';

/** Where the build leaves the workflow code that workers load. */
export const workflowBundlePath = join(packageRoot, 'dist', 'workflow-bundle.js');

/** What the bundle and the worker must agree on; with a bundle the worker ignores its own. */
export const workflowBundleOptions: Pick<
  BundleOptions,
  'payloadConverterPath' | 'workflowInterceptorModules'
> = {};

/**
 * Bundles the compiled workflows into one file, replaced as a whole.
 * @throws Error of the bundler, for instance when workflow code imports what it may not
 */
export async function buildWorkflowBundle(outputPath: string = workflowBundlePath): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
  const { code } = await bundleWorkflowCode({
    ...workflowBundleOptions,
    workflowsPath,
    logger: quietLogger,
  });
  await mkdir(dirname(outputPath), { recursive: true });
  const draft = `${outputPath}.${process.pid}.new`;
  await writeFile(draft, code);
  await rename(draft, outputPath);
}

const ignore = (): void => undefined;

/** The bundler's progress is of no interest to anybody who waits for a start; its failures are thrown. */
const quietLogger: NonNullable<BundleOptions['logger']> = {
  log: ignore,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: (message) => console.error(message),
  error: (message) => console.error(message),
};
