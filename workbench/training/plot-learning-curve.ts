import { lineChart } from '../report/plots/line-chart.ts';
import type { Epoch } from './epoch.ts';

/** Loss on training spectra, and each descriptor's figure on validation, by epoch. */
export async function plotLearningCurve(curve: readonly Epoch[], id: string, file: string): Promise<void> {
  const points = (value: (epoch: Epoch) => number | null | undefined) =>
    curve.map((epoch): [number, number] => [epoch.epoch, value(epoch) ?? Number.NaN]);
  const names = Object.keys(curve[0]?.scores ?? {}) as (keyof Epoch['scores'])[];
  await lineChart({
    title: `Learning curve of ${id}`,
    x: 'epoch',
    y: 'loss; weighted F1 or R²',
    series: [
      { panel: 'training', name: 'loss', points: points(({ loss }) => loss) },
      ...names.map((name) => ({ panel: 'validation', name, points: points(({ scores }) => scores[name]) })),
      ...(names.length === 0
        ? []
        : [{ panel: 'validation', name: 'mean', points: points(({ score }) => score), dashed: true }]),
    ],
    file,
  });
}
