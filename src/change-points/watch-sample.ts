import { type Finding, QUANTITIES, type Quantity } from '../messages/change-point.ts';
import type { SampleWatch, Watch } from '../messages/sample-watch.ts';
import type { WireDescriptors } from '../wire/generated.ts';
import { observe, startWatch } from './detector.ts';
import { SPECTRUM_SIZE, spectrumAxis, watchedSpectrum } from './spectrum-bins.ts';

/** What is smaller is no change, by quantity. */
export type LeastChanges = Readonly<Record<Quantity, number>>;
export type FoundChange = { readonly quantity: Quantity; readonly finding: Finding };

const HOUR_MS = 3_600_000;

/**
 * Takes in the next event of a sample, of a scan that was measured. The mean oxidation state is watched as it is read
 * of each scan, not as the event's `change`: the two tell the same, and the first scatters less from scan to scan.
 * @param known null: its first
 * @returns what is known now, and what changed
 */
export function watchSample(
  known: SampleWatch | null,
  event: WireDescriptors,
  least: LeastChanges,
): { readonly watch: SampleWatch; readonly found: readonly FoundChange[] } {
  let watch = next(known ?? firstWatch(event), event);
  const found: FoundChange[] = [];
  for (const quantity of QUANTITIES) {
    const values = valuesOf(quantity, event, watch);
    if (values === null) continue;
    const { hours } = watch;
    const { scanId, endedAt: endedAtMs } = event;
    const observation = { scanId, endedAtMs, hours, sigma: event.preparation.noiseSigma, values };
    const after = observe(watch.watches[quantity], observation, least[quantity]);
    watch = { ...watch, watches: { ...watch.watches, [quantity]: after.watch } };
    if (after.found !== null) found.push({ quantity, finding: after.found });
  }
  return { watch, found };
}

function firstWatch(event: WireDescriptors): SampleWatch {
  const { runId, sampleId, element, edge, endedAt } = event;
  return {
    ...{ runId, sampleId, element, edge, sinceMs: endedAt, hours: 0, axis: null },
    reading: readingOf(event),
    watches: { MEAN_OXIDATION_STATE: startWatch(1), SPECTRUM: startWatch(SPECTRUM_SIZE) },
  };
}

function next(watch: SampleWatch, event: WireDescriptors): SampleWatch {
  const { spectrum, endedAt } = event;
  const reading = readingOf(event);
  const state: Watch = reading === watch.reading ? watch.watches.MEAN_OXIDATION_STATE : startWatch(1);
  return {
    ...watch,
    reading,
    // A clock that was set back does not make time go back.
    hours: Math.max(watch.hours, (endedAt - watch.sinceMs) / HOUR_MS),
    axis: watch.axis ?? spectrumAxis(spectrum),
    watches: { ...watch.watches, MEAN_OXIDATION_STATE: state },
  };
}

/** Another model, other standards, another scale or shift of the energies: the reading is another, not the sample. */
function readingOf({ model, standards, means, preparation }: WireDescriptors): string {
  const method = means.find(({ name }) => name === 'OS')?.method ?? '';
  const { energyScale, energyShiftSource } = preparation;
  return [model.hash, energyScale, energyShiftSource, method, ...standards].join(' ');
}

/** Null where the scan says nothing of the quantity that may be compared. */
function valuesOf(quantity: Quantity, event: WireDescriptors, { axis }: SampleWatch): Float64Array | null {
  if (!(event.preparation.noiseSigma > 0)) return null;
  if (quantity === 'SPECTRUM') return axis && watchedSpectrum(event.spectrum, axis);
  const mean = event.means.find(({ name }) => name === 'OS');
  return mean !== undefined && COMPARABLE.has(mean.reason) ? Float64Array.of(mean.value) : null;
}

/**
 * What theory is off by is alike for all scans of a sample: a mean whose interval is too wide to act on still tells a
 * change. One that was rejected does not, nor one of a spectrum that the model does not know.
 */
const COMPARABLE: ReadonlySet<string> = new Set(['ok', 'wide-interval']);
