import { readFileSync } from 'node:fs';
import { FatalError } from '../common/errors.ts';
import { decodeText } from '../formats/decode-text.ts';
import { readJsonStandard } from '../formats/json-standard.ts';
import { isReject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { STANDARD_BOUNDS, type Standard } from '../messages/standard.ts';
import type { Applying } from '../standards/standards-table.ts';

export type FileStandards = {
  readonly all: readonly Standard[];
  readonly applying: (scan: Scan) => Applying;
};

/**
 * Standards from files of JSON lines, and which of them apply to a scan: those of its element and edge, of one beamline
 * where both name one, whenever they were measured. Of foils the last, of samples all (the last 64).
 * @throws FatalError where a line is no standard
 */
export function fileStandards(files: readonly string[]): FileStandards {
  const standards = files.flatMap(standardsIn);
  const applying = (scan: Scan): Applying => {
    const valid = standards.filter(
      ({ element, edge, beamline }) =>
        element === scan.element &&
        edge === scan.edge &&
        (beamline === '' || scan.beamline === '' || beamline === scan.beamline),
    );
    return {
      foil: valid.findLast(({ known }) => known.kind === 'foil') ?? null,
      samples: valid.filter(({ known }) => known.kind !== 'foil').slice(-STANDARD_BOUNDS.samplesOfScan),
    };
  };
  return { all: standards, applying };
}

function standardsIn(file: string): Standard[] {
  const standards = textOf(file)
    .split('\n')
    .flatMap((line, i): Standard[] => {
      if (line.trim() === '') return [];
      const read = readJsonStandard(line, `${file}: line ${i + 1}`);
      if (isReject(read)) throw new FatalError(read.detail);
      const { scan, known } = read;
      const { scanId: standardId, beamline, element, edge } = scan;
      return [{ standardId, beamline, element, edge, validFromMs: 0, validUntilMs: null, known, scan }];
    });
  if (standards.length === 0) throw new FatalError(`Expected at least one standard in ${file}, got none`);
  return standards;
}

function textOf(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (error) {
    throw new FatalError(`Expected to read ${file}: ${(error as Error).message}`);
  }
}
