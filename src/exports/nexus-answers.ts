import type { WireDescriptors } from '../wire/generated.ts';
import { isoTime, type RecordedScan } from './exported-scan.ts';
import type { Hdf5Group } from './hdf5-group.ts';
import { stacked } from './stacked.ts';

type Descriptor = WireDescriptors['descriptors'][number];
type Mean = WireDescriptors['means'][number];
/** What is asked of one scan's event, NaN or an empty text where there is none. */
type Ask<Value> = (event: WireDescriptors) => Value | null;

/**
 * What was said of the scans of a stack, and by what: an NXprocess whose datasets are [scans] long; NaN, or an empty
 * text, where it does not apply.
 */
export function writeAnswers(entry: Hdf5Group, stack: readonly RecordedScan[]): void {
  const process = entry.group('descriptors', 'NXprocess');
  const numbers = (group: Hdf5Group, name: string, ask: Ask<number>, attributes = {}) =>
    group.numbers(
      name,
      Float64Array.from(stack, ({ event }) => (event && ask(event)) ?? Number.NaN),
      [stack.length],
      attributes,
    );
  const texts = (group: Hdf5Group, name: string, ask: Ask<string>) =>
    group.texts(
      name,
      stack.map(({ event }) => (event && ask(event)) ?? ''),
    );
  const eV = { units: 'eV' };

  process.text('program', 'xanes-stream');
  process.texts(
    'date',
    stack.map(({ event, refused }) => isoTime(event ? event.times.publishedAt / 1000 : refused!.at)),
  );
  const source = process.group('source', 'NXcollection');
  source.texts(
    'topic',
    stack.map(({ source: { topic } }) => topic),
  );
  source.numbers(
    'partition',
    Int32Array.from(stack, (each) => each.source.partition),
    [stack.length],
  );
  source.numbers(
    'offset',
    Float64Array.from(stack, (each) => each.source.offset),
    [stack.length],
  );
  process.texts(
    'refused',
    stack.map(({ refused }) => refused?.reason ?? ''),
  );
  process.texts(
    'refused_detail',
    stack.map(({ refused }) => refused?.detail ?? ''),
  );
  if (stack.every(({ event }) => event === null)) return;

  const model = process.group('model', 'NXcollection');
  texts(model, 'id', (event) => event.model.id);
  texts(model, 'hash', (event) => event.model.hash);
  texts(model, 'engine', (event) => event.model.engine);
  texts(process, 'advice', ({ advice }) => advice);
  texts(process, 'advice_reason', ({ adviceReason }) => adviceReason);
  numbers(process, 'novelty', ({ novelty }) => novelty);
  numbers(process, 'novelty_limit', ({ noveltyLimit }) => noveltyLimit);
  numbers(process, 'mixed_sites', ({ mixedSites }) => mixedSites);
  texts(process, 'notes', ({ notes }) => notes.join('; '));
  texts(process, 'standards', ({ standards }) => standards.join('; '));

  const preparation = process.group('preparation', 'NXcollection');
  numbers(preparation, 'e0', (event) => event.preparation.e0Ev, eV);
  numbers(preparation, 'edge_step', (event) => event.preparation.edgeStep);
  numbers(preparation, 'energy_shift', (event) => event.preparation.energyShiftEv, eV);
  texts(preparation, 'energy_shift_source', (event) => event.preparation.energyShiftSource);
  numbers(preparation, 'energy_sigma', ({ energySigmaEv }) => energySigmaEv, eV);
  numbers(preparation, 'noise', (event) => event.preparation.noiseSigma);

  for (const name of namesIn(stack, ({ descriptors }) => descriptors)) {
    const find = (event: WireDescriptors): Descriptor | null =>
      event.descriptors.find((each) => each.name === name) ?? null;
    const group = process.group(name, 'NXcollection');
    numbers(group, 'value', (event) => find(event)?.value ?? null);
    numbers(group, 'expected', (event) => find(event)?.expected ?? null);
    numbers(group, 'confidence', (event) => find(event)?.confidence ?? null);
    numbers(group, 'noise_threshold', (event) => find(event)?.noiseThreshold ?? null);
    numbers(group, 'trust', (event) => find(event)?.trust ?? null);
    numbers(group, 'trust_threshold', (event) => find(event)?.trustThreshold ?? null);
    writeJudged(group, find);
  }
  for (const name of namesIn(stack, ({ means }) => means)) {
    const find = (event: WireDescriptors): Mean | null =>
      event.means.find((each) => each.name === name) ?? null;
    const group = process.group(`mean_${name}`, 'NXcollection');
    numbers(group, 'value', (event) => find(event)?.value ?? null);
    texts(group, 'method', (event) => find(event)?.method ?? null);
    writeJudged(group, find);
  }
  writeNormalised(process, stack);

  function writeJudged(group: Hdf5Group, find: Ask<Descriptor | Mean>): void {
    numbers(group, 'low', (event) => find(event)?.low ?? null);
    numbers(group, 'high', (event) => find(event)?.high ?? null);
    numbers(group, 'level', (event) => find(event)?.level ?? null);
    texts(group, 'verdict', (event) => find(event)?.verdict ?? null);
    texts(group, 'reason', (event) => find(event)?.reason ?? null);
  }
}

/** What the model saw, on its own energies: each scan is moved by a shift of its own, so these are [scans, points]. */
function writeNormalised(process: Hdf5Group, stack: readonly RecordedScan[]): void {
  const events = stack.map(({ event }) => event);
  if (!events.every((event): event is WireDescriptors => event !== null)) return;
  const points = events[0]!.spectrum.mu.length;
  const group = process.group('normalised', 'NXcollection');
  group.numbers('energy', stacked(events.map(({ spectrum }) => spectrum.energyEv)), [stack.length, points], {
    units: 'eV',
  });
  group.numbers('mu', stacked(events.map(({ spectrum }) => spectrum.mu)), [stack.length, points]);
}

function namesIn(
  stack: readonly RecordedScan[],
  of: (event: WireDescriptors) => readonly { readonly name: string }[],
): readonly string[] {
  return [
    ...new Set(stack.flatMap(({ event }) => (event === null ? [] : of(event).map(({ name }) => name)))),
  ];
}
