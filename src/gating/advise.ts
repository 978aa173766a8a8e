import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { Advice, JudgedDescriptor, VerdictReason } from '../messages/judgement.ts';

/** What an agent acts on; the others may be uncertain without spoiling the scan. */
export const KEY_DESCRIPTORS: readonly DescriptorName[] = ['OS', 'CN', 'OCN'];

/** More repeats than this are not worth waiting for. */
const MAX_REPEATS = 100;
/** Below, a scan is as good as noise-free to the model. */
const AVERAGING_HELPS = 0.015;

/**
 * What to do about the scan as a whole, and why in a sentence, from the verdicts on its key descriptors. Means over the
 * sites have no say in it: each has a verdict of its own.
 * @param sigma estimated noise of one point of the normalised scan
 * @param averagingHelps of a descriptor that is flagged for want of confidence
 * @param hasCorrelatedNoise whether there is noise that `sigma` does not show
 * @returns where repeats help, also how many scans like this one must be averaged with it
 */
export function advise(
  descriptors: readonly JudgedDescriptor[],
  sigma: number,
  averagingHelps: (name: DescriptorName) => boolean = () => true,
  hasCorrelatedNoise = false,
): { advice: Advice; adviceReason: string; repeatsNeeded?: number } {
  const keys = descriptors.filter(({ name }) => KEY_DESCRIPTORS.includes(name));
  const names = (kept: readonly JudgedDescriptor[]): string => kept.map(({ name }) => name).join(', ');
  const value = (name: DescriptorName): number | undefined => keys.find((key) => key.name === name)?.value;
  const withReason = (reason: VerdictReason) => keys.filter((key) => key.reason === reason);

  if (withReason('out-of-distribution').length > 0) {
    return { advice: 'INSPECT', adviceReason: 'The spectrum is unlike those the model was trained on.' };
  }
  const [neighbours, oxygens] = [value('CN'), value('OCN')];
  if (neighbours !== undefined && oxygens !== undefined && oxygens > neighbours) {
    const adviceReason = `The answers contradict each other: ${oxygens} oxygens among ${neighbours} neighbours.`;
    return { advice: 'INSPECT', adviceReason };
  }
  const accepted = keys.filter(({ verdict }) => verdict === 'ACCEPT');
  if (accepted.length === keys.length && keys.length > 0) {
    return { advice: 'ACCEPT', adviceReason: `The classes of ${names(keys)} can be acted on.` };
  }

  const noisy = withReason('noise-above-threshold');
  const target = Math.min(...(noisy.length > 0 ? noisy : keys).map((key) => key.noiseThreshold));
  if (noisy.length > 0) {
    const repeats = Math.ceil((sigma / target) ** 2);
    const reason = `Noise of ${sigma.toFixed(3)} is above what ${names(noisy)} tolerates (${target.toFixed(3)})`;
    return repeats <= MAX_REPEATS
      ? {
          advice: 'ACCUMULATE',
          adviceReason: `${reason}: average about ${repeats} scans.`,
          repeatsNeeded: (sigma / target) ** 2 - 1,
        }
      : {
          advice: 'RESCAN',
          adviceReason: `${reason}: more than ${MAX_REPEATS} scans would have to be averaged.`,
        };
  }
  const unsure = withReason('low-confidence').filter(({ name }) => averagingHelps(name));
  if (unsure.length > 0 && sigma > AVERAGING_HELPS) {
    const adviceReason = `${names(unsure)} is not certain enough at a noise of ${sigma.toFixed(3)}: average more scans.`;
    // Confidence that is still wanting at a noise that does not count is not for want of repeats.
    return { advice: 'ACCUMULATE', adviceReason, repeatsNeeded: (sigma / AVERAGING_HELPS) ** 2 - 1 };
  }
  const causes = Object.entries(CAUSES) as [VerdictReason, Cause][];
  const sentences = causes.flatMap(([reason, sentence]) => {
    const kept = withReason(reason);
    return kept.length > 0 ? [sentence(names(kept), hasCorrelatedNoise)] : [];
  });
  return { advice: 'INSPECT', adviceReason: sentences.join(' ') };
}

type Cause = (names: string, hasCorrelatedNoise: boolean) => string;

/** Why a class that neither noise nor the spectrum's likeness speaks against is not accepted. */
const CAUSES = {
  'low-confidence': (names, hasCorrelatedNoise) =>
    hasCorrelatedNoise
      ? `${names} is not certain where neighbouring points err alike, more than their scatter shows: ` +
        'the mean of repeats helps only where they err otherwise each time.'
      : `${names} is not certain, and noise is hardly the cause.`,
  'mixed-sites': (names) => `Sites differ in ${names}: go by the mean.`,
  // Standards serve the mean; no class is accepted for them.
  'no-standard': (names) =>
    `Theory does not settle ${names} of this measured scan: go by the mean, best read by standards of the beamline.`,
  'outside-classes': (names) => `${names} lies outside what the model was trained on.`,
  'wide-interval': (names) => `The interval of ${names} is too wide to act on.`,
  'uncalibrated-element': (names) =>
    `Held-out spectra of this element do not show the accuracy target for ${names}.`,
} as const satisfies Partial<Record<VerdictReason, Cause>>;
