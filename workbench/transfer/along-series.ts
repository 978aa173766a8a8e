import { join } from 'node:path';
import type { Site } from '../data/dataset.ts';
import { mean } from '../report/statistics.ts';
import { answersOf } from './answers.ts';
import type { SeriesRow } from './series-section.ts';
import { trainQuietly, tuning } from './training-plans.ts';

/**
 * The compositions of Li_xCoO2, of which no model has seen one, and each read by a model that was fine-tuned on the
 * others.
 * @param models folders: the base model, the shipped one, and the one of its cross-fit that saw none of the family
 */
export async function alongSeries(
  models: { readonly base: string; readonly shipped: string; readonly unseenFamily: string },
  series: readonly Site[],
  scratch: string,
): Promise<SeriesRow[]> {
  const compositions = [...new Set(series.map(({ meanOxidationState }) => meanOxidationState!))];
  const rows: SeriesRow[] = [];
  for (const composition of compositions.sort((a, b) => a - b)) {
    console.error(`Li_xCoO2, mean oxidation state ${composition.toFixed(2)} held out`);
    const own = series.filter(({ meanOxidationState }) => meanOxidationState === composition);
    const rest = series.filter((site) => !own.includes(site));
    const tuned = join(scratch, 'series', composition.toFixed(3));
    await trainQuietly(tuned, tuning(models.shipped, rest));
    const said = async (directory: string) =>
      mean((await answersOf(directory, own)).map(({ expected }) => expected));
    rows.push({
      composition,
      sites: mean(own.map(({ labels }) => labels.OS!)),
      base: await said(models.base),
      shipped: await said(models.shipped),
      unseenFamily: await said(models.unseenFamily),
      beside: await said(tuned),
    });
  }
  return rows;
}
