import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { readXdi } from '../../src/formats/xdi.ts';
import type { Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { madeBy } from '../data/data-folders.ts';

/** What is known of one measured file by the name of its sample. */
export type Standard = {
  readonly file: string;
  readonly element: string;
  readonly compound: string;
  /** Textbook values; null where sites differ or nobody agrees, not whole where two states are mixed. */
  readonly oxidationState: number | null;
  readonly coordinationNumber: number | null;
  /** Element of the nearest neighbours. */
  readonly neighbour: string;
  readonly note: string;
};

export type Kind = 'oxide' | 'metal' | 'sulphide' | 'selenide' | 'nitride' | 'carbide';

/**
 * The measured files of a folder, by its manifest.json.
 * @throws FatalError where there is no such file
 */
export function readManifest(folder: string): readonly Standard[] {
  const file = join(folder, 'manifest.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new FatalError(
      `Expected measured scans with ${file}: give --data (${(error as Error).message})${madeBy(file)}`,
    );
  }
}

export function readStandard(folder: string, { file }: Standard): Scan | Reject {
  return readXdi(readFileSync(join(folder, file), 'latin1'), file);
}

/** An oxide is whatever has oxygen for nearest neighbour: carbonates and phosphates too. */
export function kindOf({ element, neighbour, compound }: Standard): Kind {
  if (neighbour === element) return 'metal';
  const kinds: Record<string, Kind> = {
    O: 'oxide',
    S: 'sulphide',
    Se: 'selenide',
    N: 'nitride',
    C: 'carbide',
  };
  const kind = kinds[neighbour] ?? (/C\d*$/.test(compound) ? 'carbide' : undefined);
  if (kind === undefined)
    throw new FatalError(`Expected a known neighbour of ${compound}, got "${neighbour}"`);
  return kind;
}

/** Whether the sample's phase is not sure, by its name and note: its textbook value then proves nothing. */
export function isDoubtful({ compound, note }: Standard): boolean {
  return /nominal|defective|bad sample|not proven/i.test(`${compound} ${note}`);
}

/** Name of the sample that a file is a repeat of: the file without its last number. */
export function sampleOf({ file }: Standard): string {
  return file.replace(/\.xdi?$/i, '').replace(/_\d+$/, '');
}
