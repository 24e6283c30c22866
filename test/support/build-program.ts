/** Builds what is stale: the processes of a test run from `dist/`. */
export default async function buildProgram(): Promise<void> {
  const script = new URL('../../tools/build.mjs', import.meta.url).href;
  const { build } = (await import(script)) as { build(say: (line: string) => void): Promise<void> };
  await build((line) => console.error(line));
}
