import { readClsHeader } from './headers/cls.ts';
import { readEpicsHeader } from './headers/epics.ts';
import { readFioHeader } from './headers/fio.ts';
import type { KnownHeader } from './headers/header.ts';
import { readLabviewHeader } from './headers/labview.ts';
import { readMrcatHeader } from './headers/mrcat.ts';
import { readNumberedHeader } from './headers/numbered.ts';
import { readP65Header } from './headers/p65.ts';
import { readPhotonFactoryHeader } from './headers/photon-factory.ts';
import { readSsrlHeader } from './headers/ssrl.ts';

const READERS: readonly ((lines: readonly string[]) => KnownHeader | null)[] = [
  readPhotonFactoryHeader,
  readSsrlHeader,
  readLabviewHeader,
  readClsHeader,
  readEpicsHeader,
  readFioHeader,
  readP65Header,
  readMrcatHeader,
  readNumberedHeader,
];

/** Headers are looked for in so many lines: no program writes longer ones. */
const MOST_LINES = 500;

/** The header of a file's lines, where it is of a program that is known here. */
export function knownHeader(lines: readonly string[]): KnownHeader | null {
  const head = lines.slice(0, MOST_LINES);
  for (const read of READERS) {
    const found = read(head);
    if (found !== null) return found;
  }
  return null;
}
