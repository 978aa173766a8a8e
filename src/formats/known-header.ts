import { readClsHeader } from './headers/cls.ts';
import { readEpicsHeader } from './headers/epics.ts';
import { readFioHeader } from './headers/fio.ts';
import type { KnownHeader } from './headers/header.ts';
import { readLabviewHeader } from './headers/labview.ts';
import { readLnlsHeader } from './headers/lnls.ts';
import { readLytleHeader } from './headers/lytle.ts';
import { readMrcatHeader } from './headers/mrcat.ts';
import { readNumberedHeader } from './headers/numbered.ts';
import { readP65Header } from './headers/p65.ts';
import { readPhotonFactoryHeader } from './headers/photon-factory.ts';
import { readSrsHeader } from './headers/srs.ts';
import { readSsrlHeader } from './headers/ssrl.ts';
import { readX10cHeader } from './headers/x10c.ts';

const READERS: readonly ((lines: readonly string[]) => KnownHeader | null)[] = [
  readPhotonFactoryHeader,
  readSsrlHeader,
  readLabviewHeader,
  readClsHeader,
  readEpicsHeader,
  readFioHeader,
  readP65Header,
  readMrcatHeader,
  readSrsHeader,
  readLytleHeader,
  readX10cHeader,
  readLnlsHeader,
  readNumberedHeader,
];

/** Headers are looked for in so many lines: no program writes longer ones. */
export const MOST_LINES = 500;

/** The header of a file's lines, where it is of a program that is known here. */
export function knownHeader(lines: readonly string[]): KnownHeader | null {
  const head = lines.slice(0, MOST_LINES);
  for (const read of READERS) {
    const found = read(head);
    if (found !== null) return found;
  }
  return null;
}
