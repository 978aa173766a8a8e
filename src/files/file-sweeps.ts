import { isReject } from '../messages/reject.ts';
import { splitSweeps } from '../spectra/split-sweeps.ts';
import type { FileScan } from './scan-files.ts';

/**
 * The spectra of a measurement in a file, as the stream splits a record: sweeps up and down, and one for each element
 * that it names. The id of each has its number, or its element, behind that of the measurement. A measurement that is
 * one spectrum comes back as it is.
 */
export function sweepsOfFile(file: FileScan): readonly FileScan[] {
  const { scan, candidates } = file;
  if (isReject(scan)) return [file];
  const sweeps = splitSweeps(scan);
  if (isReject(sweeps)) return [{ ...file, scan: sweeps, candidates: [] }];
  if (sweeps.length === 1 && sweeps[0] === scan) return [file];
  // The signals of one measurement have its energies, and turn where it turns.
  const bySignal = candidates.map((each) => splitSweeps(each));
  return sweeps.map((sweep, i) => {
    const behind = sweep.scanId.slice(scan.scanId.length + 1);
    const id = [file.id, behind].filter((each) => each !== undefined && each !== '').join('/');
    const signals = bySignal.flatMap((parts) => (isReject(parts) ? [] : parts.slice(i, i + 1)));
    return { ...file, ...(id !== '' && { id }), scan: sweep, candidates: signals };
  });
}
