import type { State } from '../state/store.ts';
import { h } from './dom.ts';
import { pngOf } from './png-of.ts';

/** What is seen of the chosen sample, to take away: a picture, a table, a NeXus file. */
export function exportMenu(state: State): HTMLElement {
  const link = (format: 'csv' | 'nexus', text: string) =>
    h('button', { class: 'quiet', click: () => fetchFile(format) }, text);
  const menu = h(
    'details',
    { class: 'export' },
    h('summary', { class: 'quiet' }, 'Export'),
    h(
      'div',
      { class: 'export-kinds' },
      link('csv', 'CSV'),
      link('nexus', 'NeXus'),
      h('button', { class: 'quiet', click: () => void savePicture() }, 'PNG'),
    ),
  );

  function fetchFile(format: 'csv' | 'nexus'): void {
    const { sampleId, runId } = state.choice;
    if (sampleId === null) return;
    const words = new URLSearchParams({ sample: sampleId, format, ...(runId !== null && { run: runId }) });
    save(`/export?${words}`, null);
  }

  async function savePicture(): Promise<void> {
    const { sampleId } = state.choice;
    const url = URL.createObjectURL(await pngOf(document.querySelector('main')!));
    save(url, `${(sampleId ?? 'xanes').replace(/[^\w.-]+/g, '_')}.png`);
    URL.revokeObjectURL(url);
  }

  function save(href: string, name: string | null): void {
    menu.open = false;
    const anchor = h('a', { href, download: name ?? '' });
    anchor.click();
  }

  return menu;
}
