import { randomUUID } from 'node:crypto';
import type { SaidByPeople } from '../../src/doors/said-by-people.ts';
import type { KnownOfStandard } from '../../src/messages/standard.ts';
import { alarmsOf } from '../protocol/alarms.ts';
import type { Acknowledged, AnnotationWish, Said, StandardWish } from '../protocol/events.ts';
import type { RedisReader } from './redis-reader.ts';
import type { Visitor } from './visitor.ts';

const LONGEST_TEXT = 1000;

export type People = {
  annotate(wish: unknown, author: string): Promise<Said>;
  acknowledgeAll(upToMs: unknown, author: string): Promise<Acknowledged>;
  markStandard(wish: unknown): Promise<Said>;
};

/** Whether somebody may write: an operator, or where nobody logs in whoever sits at this machine. */
export const mayWrite = (
  visitor: Visitor | undefined,
  isAtThisMachine: boolean,
  loginRequired: boolean,
): boolean => (visitor === undefined ? !loginRequired && isAtThisMachine : visitor.role === 'operator');

/** Takes what people say of samples and scans that Redis knows, and sees that it is kept. */
export function people(reader: RedisReader, said: SaidByPeople, nowMs: () => number): People {
  return {
    async annotate(wish, author) {
      const {
        sampleId,
        at,
        scanId = null,
        changeId = null,
        text = '',
      } = (wish ?? {}) as Partial<AnnotationWish>;
      if (typeof sampleId !== 'string') return { refused: 'Expected sampleId to be a text' };
      if (typeof at !== 'number' || !(at > 0 && at < 4_102_444_800_000))
        return { refused: 'Expected at to be ms since 1970 and before 2100' };
      if (typeof text !== 'string' || text.length > LONGEST_TEXT)
        return { refused: `Expected text to have at most ${LONGEST_TEXT} characters` };
      if (text.trim() === '' && changeId === null) return { refused: 'Expected a text, got none' };
      if (!isIdOrNull(scanId) || !isIdOrNull(changeId)) return { refused: 'Expected ids to be texts' };
      const latest = await reader.latestOf(sampleId);
      if (latest === null) return { refused: `No sample ${sampleId.slice(0, 100)} is known here` };
      const annotationId = randomUUID();
      await said.annotate([
        {
          ...{ annotationId, sampleId, scanId, changeId, at: Math.round(at), text: text.trim() },
          ...{ runId: latest.runId, beamline: latest.beamline, writtenBy: author, writtenAt: nowMs() },
        },
      ]);
      return { id: annotationId };
    },
    async acknowledgeAll(upToMs, author) {
      if (typeof upToMs !== 'number') return { refused: 'Expected upToMs to be ms since 1970' };
      const { changes, annotations, samples } = await reader.snapshot();
      const beamlines = new Map(samples.map(({ sampleId, latest }) => [sampleId, latest.beamline]));
      const open = alarmsOf(changes, annotations).filter(
        ({ isOpen, change }) => isOpen && change.projectedAt <= upToMs,
      );
      const about = open.map(({ change: { changeId, sampleId, runId, firstAfter, scanAfter } }) => ({
        ...{
          annotationId: randomUUID(),
          changeId,
          sampleId,
          runId,
          scanId: scanAfter,
          at: firstAfter,
          text: '',
        },
        ...{ beamline: beamlines.get(sampleId) ?? '', writtenBy: author, writtenAt: nowMs() },
      }));
      if (about.length > 0) await said.annotate(about);
      return { changes: about.length };
    },
    async markStandard(wish) {
      const { scanId, known } = (wish ?? {}) as Partial<StandardWish>;
      if (typeof scanId !== 'string') return { refused: 'Expected scanId to be a text' };
      const what = knownOf(known);
      if (what === null)
        return {
          refused:
            'Expected foil, or a mean oxidation state of -9 to 9 with an uncertainty above 0, at most 9',
        };
      const event = await reader.event(scanId);
      if (event === null) return { refused: 'Redis no longer holds this scan' };
      return { id: await said.markStandard(event, what, nowMs()) };
    },
  };
}

const isIdOrNull = (value: unknown): value is string | null =>
  value === null || (typeof value === 'string' && value.length <= 1024);

function knownOf(known: unknown): KnownOfStandard | null {
  if (known === 'foil') return { kind: 'foil' };
  const { value, uncertainty } = (known ?? {}) as { value?: unknown; uncertainty?: unknown };
  if (typeof value !== 'number' || typeof uncertainty !== 'number') return null;
  const isRight = Math.abs(value) <= 9 && uncertainty > 0 && uncertainty <= 9;
  return isRight ? { kind: 'mean-oxidation-state', value, uncertainty } : null;
}
