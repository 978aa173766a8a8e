import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { JudgedChange, JudgedDescriptor, JudgedMean } from '../messages/judgement.ts';
import type { MapPoint } from '../messages/map-point.ts';
import type { AnsweredScan, ReadScan } from './offline.ts';

/** What `predict` says of one file. */
export type FileAnswer = AnsweredScan<
  ReadScan & {
    readonly file: string;
    readonly id?: string;
    /** Ids of the standards that it was read with. */
    readonly standards: readonly string[];
  }
>;

/** Shown where not all are asked for. */
const SHORT: readonly DescriptorName[] = ['OS', 'CN', 'OCN'];

/** @param place where the scan lies on the map, if there is one of its element */
export function answerJson(answer: FileAnswer, place: MapPoint | null): object {
  const { file, id } = answer;
  const named = { file, ...(id !== undefined && { id }) };
  if (answer.reject !== null) return { ...named, error: answer.reject.detail, reason: answer.reject.reason };
  const { prepared, judgement } = answer;
  const { e0Ev, edgeStep, energyShiftEv, energyShiftSource, energySigmaEv, noise } = prepared.preparation;
  const { means, mixedSites, change } = judgement;
  return {
    ...named,
    element: prepared.input.element,
    edge: prepared.input.edge,
    advice: judgement.advice.toLowerCase(),
    adviceReason: judgement.adviceReason,
    descriptors: Object.fromEntries(judgement.descriptors.map((each) => [each.name, valueJson(each)])),
    mean: Object.fromEntries(means.map((each) => [each.name, meanJson(each)])),
    ...(change !== null && { change: { [change.name]: changeJson(change) } }),
    mixedSites: mixedSites === null ? null : round(mixedSites),
    energyShift: { ev: round(energyShiftEv), sigmaEv: round(energySigmaEv), source: energyShiftSource },
    novelty: round(judgement.outOfDistributionScore),
    noveltyLimit: round(judgement.outOfDistributionLimit),
    preparation: {
      e0Ev,
      edgeStep: round(edgeStep),
      energyShiftEv,
      energyShiftSource,
      noise: round(noise.sigma),
    },
    standards: answer.standards,
    notes: prepared.notes,
    ...(place === null ? {} : { map: { x: round(place.x), y: round(place.y) } }),
  };
}

function valueJson(judged: JudgedDescriptor): object {
  const { value, confidence, low, high, level, verdict, reason, trust, trustThreshold } = judged;
  const certainty =
    confidence === null ? { low: round(low), high: round(high), level } : { confidence: round(confidence) };
  const trusted = { trust: trust && round(trust), trustThreshold: trustThreshold && round(trustThreshold) };
  return { value: round(value), ...certainty, verdict: verdict.toLowerCase(), reason, ...trusted };
}

function meanJson({ value, low, high, level, verdict, reason, method }: JudgedMean): object {
  const interval = { value: round(value), low: round(low), high: round(high), level };
  return { ...interval, verdict: verdict.toLowerCase(), reason, method };
}

function changeJson({ value, low, high, level, since }: JudgedChange): object {
  return { value: round(value), low: round(low), high: round(high), level, since };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/**
 * One row of the table for people.
 * @param all every descriptor, not only the first things that one asks for
 */
export function answerRow(answer: FileAnswer, all: boolean): readonly string[] {
  const file = answer.id === undefined ? answer.file : `${answer.file} ${answer.id}`;
  if (answer.reject !== null) return [file, '', answer.reject.reason, answer.reject.detail];
  const { prepared, judgement } = answer;
  const shown = judgement.descriptors.filter(({ name }) => all || SHORT.includes(name));
  return [
    file,
    prepared.input.element,
    judgement.advice.toLowerCase(),
    ...shown.map(cell),
    `noise ${prepared.preparation.noise.sigma.toFixed(4)}`,
  ];
}

/** Lines with columns of equal width; the last of a row is as long as it is. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, text] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, text.length);
  return rows.map((row) =>
    row.map((text, i) => text.padEnd(i === row.length - 1 ? 0 : widths[i]!)).join('  '),
  );
}

function cell({ name, value, unit, confidence, low, high, verdict, reason }: JudgedDescriptor): string {
  const certainty =
    confidence === null ? `${low.toFixed(2)}..${high.toFixed(2)} ${unit}` : confidence.toFixed(2);
  const judged = verdict === 'ACCEPT' ? 'accept' : `${verdict.toLowerCase()} (${reason})`;
  return `${name} ${confidence === null ? value.toFixed(2) : value} [${certainty}] ${judged}`;
}
