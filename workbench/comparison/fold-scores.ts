import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the scores of the models lie that are compared, a file a model. */
export const SCORES = 'workbench/comparison/scores';

/** What one model scored in cross-validation. */
export type FoldScores = {
  readonly model: string;
  /** What the tables call it, where that is another name than the file's. */
  readonly title?: string;
  /** What the reader must know of how it came to be. */
  readonly note?: string;
  /** Cost of one spectrum in millions of floating-point operations; of trees there is none to give. */
  readonly mflop?: number;
  readonly folds: readonly {
    readonly fold: number;
    /** By noise (`clean`, `0.05`), then by descriptor: weighted F1 of a class, R2 of a real. */
    readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
  }[];
};

/** Writes FOLDER/MODEL.json, the folds in order, one a line. */
export function writeFoldScores(folder: string, { folds, ...about }: FoldScores): void {
  mkdirSync(folder, { recursive: true });
  const lines = [...folds].sort((a, b) => a.fold - b.fold).map((fold) => JSON.stringify(fold));
  const head = JSON.stringify(about).slice(0, -1); // a cost of undefined is left out
  writeFileSync(join(folder, `${about.model}.json`), `${head},"folds":[\n${lines.join(',\n')}\n]}\n`);
}

/** All models of a folder, by name; none where there is no folder. */
export function readFoldScores(folder: string): FoldScores[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as FoldScores);
}

/** What a table or plot calls a model. */
export const titleOf = ({ title, model }: Pick<FoldScores, 'title' | 'model'>): string => title ?? model;
