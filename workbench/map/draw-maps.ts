import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESCRIPTOR_NAMES, DESCRIPTORS } from '../../src/messages/descriptor-names.ts';
import type { MapFile } from '../../src/model/map.ts';
import { type MapLayer, mapSvg } from './map-svg.ts';

/**
 * One picture by element and one for each descriptor that some spectrum on the map has.
 * @returns their files
 */
export function drawMaps(map: MapFile, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const draw = (name: string, title: string, layers: readonly MapLayer[]) => {
    const file = join(folder, `map-${name}.svg`);
    writeFileSync(
      file,
      mapSvg(title, `${map.element.length} training spectra, UMAP; ${map.command}`, layers),
    );
    return file;
  };
  const byElement = layersOf(map, map.element, (elements) => {
    const names = [...new Set(elements)].sort();
    return names.map((name, i) => ({
      label: name,
      colour: CATEGORIES[i % CATEGORIES.length]!,
      holds: (e) => e === name,
    }));
  });
  const pictures = DESCRIPTOR_NAMES.flatMap((name) => {
    const labels = map.labels[name];
    if (labels === undefined || labels.every((label) => label === null)) return [];
    const { meaning, unit } = DESCRIPTORS[name];
    const title = `${name}: ${meaning}${unit === '' ? '' : `, ${unit}`}`;
    return [
      draw(
        name,
        title,
        layersOf(map, labels, (known) => steps(known.filter((label) => label !== null))),
      ),
    ];
  });
  return [draw('element', 'Absorber', byElement), ...pictures];
}

type Step<T> = { readonly label: string; readonly colour: string; holds(value: T): boolean };

/** What no step holds (an unknown label) lies undermost, in grey. */
function layersOf<T>(
  map: MapFile,
  values: readonly T[],
  stepsOf: (values: readonly T[]) => Step<T>[],
): MapLayer[] {
  const layers = stepsOf(values).map(({ label, colour, holds }) => {
    return { label, colour, points: pointsWhere(map, (i) => holds(values[i]!)) };
  });
  const steps = stepsOf(values);
  const rest = pointsWhere(map, (i) => !steps.some(({ holds }) => holds(values[i]!)));
  return rest.length === 0 ? layers : [{ label: 'not known', colour: '#ddd', points: rest }, ...layers];
}

function pointsWhere(map: MapFile, keep: (row: number) => boolean): [number, number][] {
  return map.x.flatMap((x, i): [number, number][] => (keep(i) ? [[x, map.y[i]!]] : []));
}

/** A step each of up to ten values, else eight of about equal number; low values dark, high ones light. */
export function steps(values: readonly number[]): Step<number | null>[] {
  const sorted = [...values].sort((a, b) => a - b);
  const different = [...new Set(sorted)];
  const starts =
    different.length <= 10
      ? different
      : [...new Set(Array.from({ length: 8 }, (_, i) => sorted[Math.floor((i * sorted.length) / 8)]!))];
  return starts.map((start, i) => {
    const next = starts[i + 1] ?? Number.POSITIVE_INFINITY;
    const own = different.filter((value) => value >= start && value < next);
    const last = own[own.length - 1]!;
    return {
      label: last === start ? short(start) : `${short(start)} to ${short(last)}`,
      colour: VIRIDIS[Math.round((i * (VIRIDIS.length - 1)) / Math.max(1, starts.length - 1))]!,
      holds: (value) => value !== null && value >= start && value < next,
    };
  });
}

const short = (value: number) => String(Math.round(1000 * value) / 1000);

/** matplotlib's viridis, without its lightest end, which is hard to see on white. */
const VIRIDIS = [
  '#440154',
  '#482878',
  '#3e4a89',
  '#31688e',
  '#26828e',
  '#1f9e89',
  '#35b779',
  '#6ece58',
  '#b5de2b',
  '#dfd31c',
];
/** Okabe and Ito's colours, told apart by most colour-blind people, and more. */
const CATEGORIES = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#8c564b',
  '#7f7f7f',
  '#bcbd22',
  '#6a3d9a',
];
