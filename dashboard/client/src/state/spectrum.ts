import type { SpectrumOf } from '../../../protocol/events.ts';

/** What a scan measured, normalised, on the model's energy scale. */
export type Spectrum = Omit<SpectrumOf, 'points'> & {
  readonly energyEv: Float32Array;
  readonly mu: Float32Array;
};
