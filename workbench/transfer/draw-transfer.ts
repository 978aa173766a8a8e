import { lineChart } from '../report/plots/line-chart.ts';
import { type FewLabelsRow, fewLabelsLines } from './few-labels-section.ts';
import { type SeriesRow, seriesLines } from './series-section.ts';

/** Draws docs/images/few-shot.svg and docs/images/li-x-coo2.svg. */
export async function drawTransfer(
  few: { readonly rows: readonly FewLabelsRow[]; readonly sites: number },
  series: readonly SeriesRow[],
): Promise<void> {
  await lineChart({
    title: 'Another calculation: what few labels are worth',
    x: 'labelled spectra of other families',
    y: 'weighted F1',
    series: fewLabelsLines(few.rows, few.sites),
    file: 'docs/images/few-shot.svg',
  });
  await lineChart({
    title: 'Li_xCoO2: mean oxidation state of cobalt',
    x: 'x',
    y: 'mean oxidation state',
    series: seriesLines(series),
    file: 'docs/images/li-x-coo2.svg',
  });
}
