import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runTests } from './run-tests.mjs';

const usage = `npm run faults -- [--only A1,E2] [--seed N] [--times N] [--quick]

Runs the fault tests in full length and writes a line for each into docs/fault-report.md.
  --only   ids of docs/faults.md, separated by commas
  --seed   repeats the choices of an earlier run (whole number; chosen and printed otherwise)
  --times  how often a fault strikes where it can strike often
  --quick  the short form that npm test runs`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const report = join(root, 'docs', 'fault-report.md');
const findings = join(root, 'dist', '.fault-findings', `${process.pid}.ndjson`);

class UsageError extends Error {}

function wholeNumber(name, text, least) {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new UsageError(`--${name} must be a whole number from ${least}, not "${text}".`);
  return text;
}

function readArguments() {
  const text = { type: 'string' };
  let values;
  try {
    ({ values } = parseArgs({
      options: { only: text, seed: text, times: text, quick: { type: 'boolean' }, help: { type: 'boolean' } },
    }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const only = (values.only ?? '').split(',').filter((id) => id !== '');
  const wrong = only.filter((id) => !/^[a-z]\d{1,2}$/i.test(id));
  if (wrong.length > 0) throw new UsageError(`--only takes ids such as A1, not "${wrong.join(',')}".`);
  return {
    help: values.help === true,
    only: only.map((id) => id.toLowerCase()),
    seed: wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000), 0),
    times: values.times === undefined ? null : wholeNumber('times', values.times, 1),
    quick: values.quick === true,
  };
}

function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', ':!docs/fault-report.md') !== '';
  return `${git('rev-parse', '--short=9', 'HEAD')}${changed ? ' + changes' : ''}`;
}

function writeReport() {
  if (!existsSync(findings)) return;
  const cell = (value) =>
    String(value ?? '–')
      .replaceAll('|', '\\|')
      .replaceAll(/\s+/g, ' ');
  const lines = readFileSync(findings, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const revision = commit();
  for (const found of lines) {
    const cells = [found.at, found.id, found.done, found.seed, found.times, found.lost, found.doubled];
    cells.push(found.refetched, found.outcome, found.note, revision);
    appendFileSync(report, `| ${cells.map(cell).join(' | ')} |\n`);
  }
  console.error(`${lines.length} lines were added to docs/fault-report.md.`);
}

async function main() {
  const { help, only, seed, times, quick } = readArguments();
  if (help) {
    console.log(usage);
    return 0;
  }
  console.error(`Seed ${seed}.`);
  mkdirSync(dirname(findings), { recursive: true });
  const files = only.map((id) => `test/faults/${id}-`);
  try {
    const { passed, failed, skipped } = await runTests(['--project', 'faults', ...files], {
      TIDELINE_FAULTS: quick ? 'quick' : 'full',
      TIDELINE_FAULTS_SEED: seed,
      TIDELINE_FAULTS_FINDINGS: findings,
      ...(times === null ? {} : { TIDELINE_FAULTS_TIMES: times }),
    });
    writeReport();
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed > 0 || passed === 0 ? 1 : 0;
  } finally {
    rmSync(findings, { force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.message);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
