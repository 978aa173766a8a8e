import { wireType } from '../../src/wire/wire-type.ts';
import {
  fixtureAccumulation,
  fixtureAcknowledgement,
  fixtureChange,
  fixtureEvent,
  fixtureRequest,
} from '../dashboard/fixture-events.ts';

/** Of agents; what is published before they start must not be old by then. */
export const FROM_BEGINNING = ['--from-beginning', '--max-age-s', '1800'];

/** A beamline of the fixtures. */
export const BEAMLINE = 'X10DA';

/**
 * What the stream jobs may tell of samples, and what the example agent asks for because of it, by requestId, where it
 * asks for three scans at the most.
 */
export function sampleCases() {
  const change = (sampleId: string, options: Parameters<typeof fixtureChange>[2] = {}) => {
    const [before, after] = [0, 1].map((i) => fixtureEvent(i, { sampleId, scanId: `${sampleId}/${i}` }));
    const foundAt = Date.now();
    return fixtureChange(before!, after!, { changeId: `STATE/${sampleId}`, foundAt, ...options });
  };
  const repeats = (count: number, options: Parameters<typeof fixtureAccumulation>[1] = {}) => {
    const members = Array.from({ length: count }, (_, i) => `noisy/${i}`);
    const event = fixtureEvent(0, { sampleId: 'noisy', scanId: 'noisy/0' });
    return fixtureAccumulation(event, { members, repeatsNeeded: null, ...options });
  };
  const stopped = (accumulationId: string, reason: string) =>
    repeats(4, { accumulationId, status: 'STOPPED', reason, detail: `for ${reason}` });
  const [changes, accumulations] = [wireType('change.v1.avsc'), wireType('accumulation.v1.avsc')];
  return {
    changes: [
      change('old', { foundAt: Date.now() - 3_600_000 }),
      change('replayed', { origin: 'REPLAY' }),
      change('back', { kind: 'RETURN' }),
      change('stepped'),
      change('resting', { kind: 'STEADY', quantity: 'SPECTRUM' }),
    ].map((message) => changes.encode(message)),
    accumulations: [
      repeats(2, { repeatsNeeded: 6, origin: 'REPLAY' }),
      repeats(2, { repeatsNeeded: 6, at: Date.now() - 3_600_000 }),
      repeats(1, { reason: 'joined', mean: null }),
      repeats(2, { repeatsNeeded: 6 }), // three of them are asked for
      repeats(3, { reason: 'joined' }),
      repeats(3, { repeatsNeeded: 5 }), // two of which are under way
      repeats(5, { repeatsNeeded: 2 }),
      repeats(7, { status: 'ACCEPTED', reason: 'accepted' }),
      ...['settings', 'not-noise', 'bound', 'drift'].map((reason) => stopped(`ended/${reason}`, reason)),
    ].map((message) => accumulations.encode(message)),
    asked: {
      'follow-samples/more-scans/STATE/stepped': {
        ...{ kind: 'more-scans', scans: 3, sampleId: 'stepped', origin: 'LIVE', scanIds: ['stepped/1'] },
        why: 'Mean oxidation state has changed by 0.31 (0.26 to 0.36)',
      },
      'follow-samples/stop/STATE/resting': {
        kind: 'stop',
        why: 'Spectrum is steady after 0.31 (0.26 to 0.36)',
      },
      'follow-samples/more-scans/noisy/0/2': {
        kind: 'more-scans',
        scans: 3,
        sampleId: 'noisy',
        beamline: BEAMLINE,
      },
      'follow-samples/more-scans/noisy/0/5': { kind: 'more-scans', scans: 2 },
      'follow-samples/rescan/ended/bound/4': { kind: 'rescan', why: 'for bound' },
      'follow-samples/pause/ended/drift/4': { kind: 'pause', why: 'for drift' },
    },
  };
}

/** Of what is asked because of repeats, at the beamline that nothing runs for: what is said to it in the end. */
const ENDS = ['DONE', 'REFUSED', 'EXPIRED', 'FAILED'] as const;

/**
 * Repeats of two scans, of which the example agent asks for more; what the beamline says to that; and repeats of three,
 * of which it asks again where nothing came of the first request.
 */
export function endedCases() {
  const id = (end: string, count: number) => `follow-samples/more-scans/ended/${end}/${count}`;
  const [accumulation, acknowledgement] = [
    wireType('accumulation.v1.avsc'),
    wireType('acknowledgement.v1.avsc'),
  ];
  const repeats = (count: number) =>
    ENDS.map((end) => {
      const members = Array.from({ length: count }, (_, i) => `${end}/${i}`);
      const of = { accumulationId: `ended/${end}`, beamline: 'P65', members, repeatsNeeded: 6 };
      return accumulation.encode(fixtureAccumulation(fixtureEvent(0, { sampleId: 'noisy' }), of));
    });
  const answers = ENDS.flatMap((end) => {
    const asked = fixtureRequest(fixtureEvent(0), { requestId: id(end, 2), beamline: 'P65' });
    const isAccepted = end === 'DONE' || end === 'FAILED';
    return [...(isAccepted ? (['ACCEPTED'] as const) : []), end].map((status) =>
      acknowledgement.encode(fixtureAcknowledgement(asked, status)),
    );
  });
  return {
    /** Made when they are published: what is old is left alone. */
    repeats,
    asked: ENDS.map((end) => id(end, 2)),
    answers,
    askedAgain: ENDS.filter((end) => end !== 'DONE').map((end) => id(end, 3)),
    /** Every end stands in what the agent says. */
    isHeard: (output: string) =>
      ENDS.every((end) =>
        output.split('\n').some((line) => line.includes(id(end, 2)) && line.includes(`"${end}"`)),
      ),
  };
}
