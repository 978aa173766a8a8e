import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { Calibration } from './gate-table.ts';
import type { TrustedDescriptor } from './judge-descriptors.ts';

/**
 * The values that are flagged for want of confidence and that less noise would more likely than not have accepted: of
 * held-out spectra, by how far they were trusted. A table that was made before this was asked leaves none out.
 * @param calibrations of the scan's element
 * @param bin of its noise
 */
export function averagingHelps(
  judged: readonly TrustedDescriptor[],
  calibrations: Partial<Record<DescriptorName, Calibration>> | undefined,
  bin: number,
): (name: DescriptorName) => boolean {
  return (name) => {
    const calibration = calibrations?.[name];
    const from = calibration?.kind === 'class' ? calibration.averagingFrom?.[bin] : undefined;
    if (from === undefined) return true;
    const trust = judged.find(({ descriptor }) => descriptor.name === name)?.trust;
    return trust !== undefined && from !== null && trust >= from;
  };
}
