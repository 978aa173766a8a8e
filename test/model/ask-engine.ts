import { spawnSync } from 'node:child_process';

type Numbers = Readonly<Record<string, readonly number[]>>;
export type EngineAnswer = {
  readonly engine: string;
  readonly answers: readonly Numbers[];
  readonly means: readonly Numbers[];
};

/** What an engine in a process of its own says of the golden vectors (answer-golden.ts); null: nothing. */
export function askEngine(
  engine: string,
  which: 'network' | 'whole' = 'network',
  env: Readonly<Record<string, string>> = {},
): { readonly answered: EngineAnswer | null; readonly stderr: string } {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/model/answer-golden.ts', engine, which],
    { encoding: 'utf8', env: { ...process.env, ...env } },
  );
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  return { answered: line === undefined ? null : (JSON.parse(line) as EngineAnswer), stderr };
}

/** The same, of an engine that must answer. */
export function answerOf(...asked: Parameters<typeof askEngine>): EngineAnswer {
  const { answered, stderr } = askEngine(...asked);
  if (answered === null) throw new Error(`Expected answers on standard output, got:\n${stderr}`);
  return answered;
}
