import type { ExportFormat, RecordedScan } from './exported-scan.ts';
import { createNexusFile } from './hdf5-group.ts';
import { stackKeyOf, writeStack } from './nexus-stack.ts';

/** Scans whose numbers are together so many are written to one file, since a stack is put together in memory. */
const MOST_NUMBERS = 4_000_000;

/**
 * NXxas: scans of one run, sample and edge that were measured at the same energies are a stack, [scans, energies], and
 * an entry of the file; what was said of them lies beside it, [scans].
 */
export const NEXUS: ExportFormat = {
  extension: '.nxs',
  scansPerPart: 1000,
  needsRecord: true,
  async open(path) {
    const file = await createNexusFile(path, { creator: 'xanes-stream' });
    const stacks = new Map<string, RecordedScan[]>();
    let entries = 0;
    let held = 0;
    const write = () => {
      for (const stack of stacks.values()) {
        entries += 1;
        writeStack(file.root, `entry_${String(entries).padStart(4, '0')}`, stack);
      }
      stacks.clear();
      held = 0;
    };
    return {
      add(exported) {
        const { raw } = exported;
        if (raw === null) throw new TypeError('Expected the record of the scan');
        const key = stackKeyOf(raw.scan, exported.event);
        const stack = stacks.get(key) ?? [];
        stacks.set(key, stack);
        stack.push({ ...exported, raw });
        held += 10 * raw.scan.energyEv.length;
        if (held >= MOST_NUMBERS) write();
      },
      close() {
        write();
        file.close();
      },
    };
  },
};
