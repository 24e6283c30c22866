import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fingerprintOf, fingerprintOfImports } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const inRoot = (...names) => names.map((name) => join(root, name));

/** What the build makes, each with the value that says whether it is still fresh. */
const steps = [
  {
    name: 'the program',
    applies: () => existsSync(join(root, 'src')),
    fingerprint: () =>
      fingerprintOf(
        inRoot('src', 'encryption', 'simulator', 'bench', 'tsconfig.json', 'tsconfig.build.json'),
        packageVersion('typescript'),
      ),
    run: compile,
  },
  {
    name: 'the workflow bundle',
    applies: () => existsSync(join(root, 'src', 'workflows', 'index.ts')),
    fingerprint: () =>
      fingerprintOfImports(
        join(root, 'src', 'workflows', 'index.ts'),
        // The bundle must come from exactly the SDK that loads it.
        packageVersion('@temporalio/worker'),
        existsSync(join(root, 'src', 'worker', 'build-bundle.ts'))
          ? readFileSync(join(root, 'src', 'worker', 'build-bundle.ts'), 'utf8')
          : '',
      ),
    output: join(dist, 'workflow-bundle.js'),
    run: bundleWorkflows,
  },
  {
    name: 'the dashboard',
    applies: () => existsSync(join(root, 'web', 'index.html')),
    fingerprint: () => fingerprintOf(inRoot('web'), packageVersion('vite')),
    output: join(dist, 'web'),
    run: buildDashboard,
  },
  {
    name: 'the script for pages of shops',
    applies: () => existsSync(join(root, 'web', 'snippet')),
    fingerprint: () => fingerprintOf(inRoot('web/snippet'), packageVersion('vite')),
    output: join(dist, 'snippet'),
    run: buildSnippet,
  },
];

function packageVersion(name) {
  const file = join(root, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'absent';
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(join(dist, '.build.json'), 'utf8'));
  } catch {
    // Missing or cut short: everything is built again.
    return {};
  }
}

function writeStamps(stamps) {
  const draft = join(dist, `.build.json.${process.pid}`);
  writeFileSync(draft, JSON.stringify(stamps, null, 2));
  renameSync(draft, join(dist, '.build.json'));
}

function staleSteps() {
  const stamps = readStamps();
  return steps.filter(
    (step) =>
      step.applies() &&
      (stamps[step.name] !== step.fingerprint() || (step.output !== undefined && !existsSync(step.output))),
  );
}

/**
 * Builds what is missing or stale into `dist/`; resolves at once when nothing is. A build that was killed half-way is
 * done again, for the stamp of a step is written after it.
 * @param say gets one line for each thing that is done
 * @throws SetupError in words for people
 */
export async function build(say) {
  if (staleSteps().length === 0) return;
  mkdirSync(dist, { recursive: true });
  await withLock(join(dist, '.build-lock'), say, async () => {
    for (const name of readdirSync(dist)) {
      if (name.startsWith('.staging')) rmSync(join(dist, name), { recursive: true, force: true });
    }
    for (const step of steps) {
      if (!staleSteps().includes(step)) continue;
      say(`Building ${step.name}…`);
      // Taken before the work: a source that changes meanwhile makes the step stale again.
      const fingerprint = step.fingerprint();
      await step.run();
      writeStamps({ ...readStamps(), [step.name]: fingerprint });
    }
  });
}

function runTool(packageName, binary, args, what) {
  const manifest = join(root, 'node_modules', packageName, 'package.json');
  if (!existsSync(manifest))
    throw new SetupError(`${what} cannot be built: the package ${packageName} is not installed. Run npm ci.`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  const script = join(dirname(manifest), typeof bin === 'string' ? bin : bin[binary]);
  const result = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) {
    throw new SetupError(
      `${what} could not be built:\n${`${result.stdout ?? ''}${result.stderr ?? ''}`.trim()}`,
    );
  }
}

/** Puts a freshly built folder in the place of the old one. */
function replaceFolder(fresh, target) {
  const old = join(dist, `.staging-old-${process.pid}`);
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

function compile() {
  const staging = join(dist, `.staging-${process.pid}`);
  // Types are checked by `npm run typecheck`; a start only needs the code.
  runTool(
    'typescript',
    'tsc',
    ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', staging],
    'The program',
  );
  // Others import `tideline/client`, whose own settings cannot read sources as they are written here.
  runTool(
    'typescript',
    'tsc',
    ['-p', join('src', 'client'), '--noCheck', '--outDir', staging],
    'The types of tideline/client',
  );
  for (const name of readdirSync(staging)) replaceFolder(join(staging, name), join(dist, name));
  rmSync(staging, { recursive: true, force: true });
}

async function bundleWorkflows() {
  const script = pathToFileURL(join(dist, 'src', 'worker', 'build-bundle.js')).href;
  // In a process of its own: the bundler's hundreds of megabytes must not stay with the program.
  const code = `const m = await import(${JSON.stringify(script)}); await m.buildWorkflowBundle();`;
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0)
    throw new SetupError(`The workflow bundle could not be built:\n${result.stderr.trim()}`);
}

function buildDashboard() {
  const staging = join(dist, `.staging-web-${process.pid}`);
  runTool(
    'vite',
    'vite',
    ['build', 'web', '--outDir', staging, '--emptyOutDir', '--logLevel', 'warn'],
    'The dashboard',
  );
  replaceFolder(staging, join(dist, 'web'));
}

function buildSnippet() {
  const staging = join(dist, `.staging-snippet-${process.pid}`);
  runTool(
    'vite',
    'vite',
    ['build', 'web/snippet', '--outDir', staging, '--emptyOutDir', '--logLevel', 'warn'],
    'The script for pages of shops',
  );
  replaceFolder(staging, join(dist, 'snippet'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build((line) => console.error(line)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
