import type { Store } from '../state/store.ts';
import type { CompareView } from './compare-view.ts';
import { h } from './dom.ts';
import type { ScanView } from './scan-view.ts';
import { tabs } from './tabs.ts';

/** Beside the sample: one scan whole, or several compared. */
export function besideView(
  store: Store,
  scan: ScanView,
  compare: CompareView,
): { readonly element: HTMLElement; draw(): void } {
  const { state } = store;
  const { element, draw } = tabs({
    name: 'Scan and comparison',
    panels: [
      { name: 'scan', title: 'Scan', ...scan },
      {
        name: 'compare',
        title: 'Compare',
        ...compare,
        badge: () => (state.choice.pins.length === 0 ? '' : String(state.choice.pins.length)),
      },
    ],
    chosen: () => state.choice.side,
    choose: (side) => store.choose({ side }),
  });
  return { element: h('section', { class: 'beside', 'aria-label': 'Scan' }, element), draw };
}
