import type { ScanRow } from '../../../protocol/events.ts';
import { chosenRows, measuredNow, type State } from './store.ts';

/** The scan that is shown: the chosen one, else what is measured now, else the newest of the sample, else of all. */
export const chosenRow = (state: State): ScanRow | null =>
  state.chosenRow ?? measuredNow(state) ?? chosenRows(state).at(-1) ?? state.newest;
