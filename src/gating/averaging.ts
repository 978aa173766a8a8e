import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { JudgedDescriptor } from '../messages/judgement.ts';
import type { Calibration } from './gate-table.ts';

/**
 * Whether less noise would more likely than not have a value accepted that is flagged for want of confidence: by
 * held-out spectra that were trusted as far. A table that was made before this was asked leaves none out.
 * @param calibrations of the scan's element
 * @param bin of its noise
 */
export function averagingHelps(
  judged: readonly JudgedDescriptor[],
  calibrations: Partial<Record<DescriptorName, Calibration>> | undefined,
  bin: number,
): (name: DescriptorName) => boolean {
  return (name) => {
    const calibration = calibrations?.[name];
    const value = judged.find((each) => each.name === name);
    if (value?.trustThreshold === null) return false; // no trust is enough
    const from = calibration?.kind === 'class' ? calibration.averagingFrom?.[bin] : undefined;
    if (from === undefined) return true;
    if (from === null || !value || value.trust === null) return false;
    return value.trust >= from * value.trustThreshold;
  };
}
