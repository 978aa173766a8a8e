import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { floats } from '../../src/common/float32.ts';
import type { TrainingState } from './train-network.ts';

/** What a run is: a checkpoint of another run is not gone on from. */
export type RunIdentity = Readonly<Record<string, unknown>>;

type Header = Pick<TrainingState, 'epoch' | 'step' | 'random'> & {
  readonly run: RunIdentity;
  /** Anything else that the run keeps, such as its learning curve. */
  readonly neighbourIndex: unknown;
  /** Of the binary part: values, m, v and best values of each in turn, float32. */
  readonly parameters: readonly { readonly name: string; readonly size: number }[];
};

const FILE = 'checkpoint.bin';

/** One file, moved into place: a length (uint32), a JSON header of that length, then the numbers. */
export function writeCheckpoint(
  directory: string,
  run: RunIdentity,
  content: {
    readonly state: TrainingState;
    /** The weights that would be kept if training ended here. */
    readonly best: ReadonlyMap<string, Float32Array>;
    readonly neighbourIndex: unknown;
  },
): void {
  const { state, best, neighbourIndex } = content;
  const { epoch, step, random, values, moments } = state;
  const parameters = [...values].map(([name, array]) => ({ name, size: array.length }));
  const header: Header = { run, epoch, step, random, neighbourIndex, parameters };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const arrays = [...values].flatMap(([name, array]) => {
    const zeros = new Float32Array(array.length); // a frozen parameter has no moments
    const { m, v } = moments.get(name) ?? { m: zeros, v: zeros };
    return [array, m, v, best.get(name) ?? array].map((a) =>
      Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    );
  });
  const path = join(directory, FILE);
  writeFileSync(`${path}.partial`, Buffer.concat([length, json, ...arrays]));
  renameSync(`${path}.partial`, path);
}

/**
 * @returns null when there is none
 * @throws FatalError when the checkpoint belongs to another run
 */
export function readCheckpoint(
  directory: string,
  run: RunIdentity,
): {
  readonly state: TrainingState;
  readonly best: Map<string, Float32Array>;
  readonly neighbourIndex: unknown;
} | null {
  const path = join(directory, FILE);
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const end = 4 + bytes.readUInt32LE();
  const header = JSON.parse(bytes.subarray(4, end).toString('utf8')) as Header;
  for (const key of Object.keys({ ...run, ...header.run })) {
    const [wanted, got] = [JSON.stringify(run[key]), JSON.stringify(header.run[key])];
    if (wanted !== got) {
      throw new FatalError(
        `Expected the checkpoint in ${directory} to be of a run with ${key} ${wanted}, got ${got}`,
      );
    }
  }
  const numbers = floats(bytes.subarray(end));
  const values = new Map<string, Float32Array>();
  const moments = new Map<string, { m: Float32Array; v: Float32Array }>();
  const best = new Map<string, Float32Array>();
  let at = 0;
  const next = (size: number) => {
    at += size;
    return numbers.slice(at - size, at);
  };
  for (const { name, size } of header.parameters) {
    values.set(name, next(size));
    moments.set(name, { m: next(size), v: next(size) });
    best.set(name, next(size));
  }
  const { epoch, step, random, neighbourIndex } = header;
  return { state: { epoch, step, random, values, moments }, best, neighbourIndex };
}
