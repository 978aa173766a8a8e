import type uPlot from 'uplot';
import { meanOf, readingOf } from '../../../../src/messages/scan-reading.ts';
import type { ScanRow } from '../../../protocol/events.ts';
import {
  firstAtOrAfter,
  type TimelineChart,
  type TimelinePoint,
  timelineChart,
} from '../charts/timeline-chart.ts';
import { setVerdictIcon, verdictIcon } from '../charts/verdict-icon.ts';
import { axisTime } from '../state/row-times.ts';
import { chosenRows, type Store } from '../state/store.ts';
import { formatNumber, formatTime, formatValue, withSign } from '../words/format.ts';
import { VERDICT_WORDS, type VerdictName, verdictReason } from '../words/verdict-words.ts';
import { h, setAttribute, setText } from './dom.ts';

export type TimelinesView = {
  readonly element: HTMLElement;
  draw(): void;
  /** After a change of theme or size everything is drawn anew. */
  reset(): void;
};

const UNITS: Readonly<Record<string, string>> = { NNRS: 'Å', MOOD: 'Å' };
const MEANINGS: Readonly<Record<string, string>> = {
  OS: 'oxidation state',
  CN: 'neighbours',
  CN2: '2nd neighbours',
  OCN: 'oxygen neighbours',
  PSGO: 'site symmetry order',
  NNRS: 'bond length spread',
  MOOD: 'shortest O–O',
  NNOSM: 'mean state of neighbours',
  noise: 'noise of one point',
};
const NAMES = ['OS', 'CN', 'CN2', 'OCN', 'PSGO', 'NNRS', 'MOOD', 'NNOSM', 'noise'] as const;
/** A quarter of a neighbour is no mark to read a count by; of a mean oxidation state tenths are. */
const COUNTS = [0.5, 1, 2, 5, 10, 20, 50];
const STEPS: Readonly<Record<string, readonly number[]>> = {
  OS: [0.1, 0.2, ...COUNTS],
  CN: COUNTS,
  CN2: COUNTS,
  OCN: COUNTS,
  PSGO: COUNTS,
};
const SYNC_KEY = 'timelines';

type Track = {
  readonly name: string;
  readonly row: HTMLElement;
  readonly cell: HTMLElement;
  readonly meaning: HTMLElement;
  readonly value: HTMLElement;
  readonly icon: SVGSVGElement;
  readonly word: HTMLElement;
  /** The class, where the value is a mean. */
  readonly single: HTMLElement;
  chart: TimelineChart | null;
};

/** Small multiples of one sample on a shared time axis; one cursor goes through all, a click chooses a scan. */
export function timelinesView(store: Store): TimelinesView {
  const { state } = store;
  const tracks = NAMES.map(makeTrack);
  const element = h(
    'div',
    {
      class: 'timelines',
      tabindex: '0',
      role: 'group',
      'aria-label':
        'Timelines of the chosen sample. Left and right arrow choose a scan, Home the first, End or F the newest.',
      keydown: onKey as (event: never) => void,
    },
    ...tracks.map(({ row }) => row),
  );
  let rows: readonly ScanRow[] = [];
  let xs: number[] = [];
  let zoom: [fromS: number, toS: number] | null = null;
  let hovered: number | null = null;
  let drawnFor: unknown[] = [];
  let zoomedSample: string | null = null;
  const sizes = new ResizeObserver(() => {
    drawnFor = [];
    resize();
    draw();
  });
  sizes.observe(element);

  function makeTrack(name: string, index: number): Track {
    const cell = h('div', { class: 'track-plot' });
    const value = h('span', { class: 'track-value' });
    const icon = verdictIcon('ACCEPT');
    const word = h('span', { class: 'track-word' });
    const single = h('span', { class: 'track-single' });
    const meaning = h('span', { class: 'track-meaning' }, MEANINGS[name] ?? '');
    const unit = UNITS[name];
    const row = h(
      'div',
      { class: index === NAMES.length - 1 ? 'track track-last' : 'track' },
      h(
        'div',
        { class: 'track-name' },
        h(
          'b',
          {},
          name === 'noise' ? 'Noise σ' : name,
          unit ? h('span', { class: 'unit' }, ` ${unit}`) : null,
        ),
        meaning,
      ),
      cell,
      h('div', { class: 'track-now' }, value, h('span', { class: 'track-verdict' }, icon, word), single),
    );
    row.hidden = name === 'NNOSM'; // until an oxygen edge comes
    return { name, row, cell, meaning, value, icon, word, single, chart: null };
  }

  function build(): void {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    tracks.forEach((track, index) => {
      const { clientWidth: width, clientHeight: height } = track.cell;
      if (track.chart !== null || width < 20 || height < 20) return;
      track.chart = timelineChart({
        into: track.cell,
        width,
        height,
        rem,
        withTimeAxis: index === tracks.length - 1,
        fromZero: track.name === 'noise',
        ...(STEPS[track.name] && { steps: STEPS[track.name]! }),
        syncKey: SYNC_KEY,
        onZoom(fromS, toS) {
          zoom = [fromS, toS];
          follow(false);
        },
      });
      const { over } = track.chart.plot;
      over.addEventListener('click', () => hovered !== null && choose(hovered));
      over.addEventListener('dblclick', () => follow(true));
      over.addEventListener('mouseleave', () => hover(null));
      track.chart.plot.hooks.setCursor = [(u: uPlot) => hover(u.cursor.left! >= 0 ? nearest(u) : null)];
    });
  }

  function resize(): void {
    for (const { chart, cell, row } of tracks) {
      if (chart && !row.hidden) chart.plot.setSize({ width: cell.clientWidth, height: cell.clientHeight });
    }
  }

  function nearest(u: uPlot): number | null {
    if (rows.length === 0) return null;
    const atMs = u.posToVal(u.cursor.left!, 'x') * 1000;
    const after = firstAtOrAfter(points('noise'), atMs);
    const before = Math.max(0, after - 1);
    if (after >= rows.length) return rows.length - 1;
    return atMs - xs[before]! * 1000 < xs[after]! * 1000 - atMs ? before : after;
  }

  function hover(index: number | null): void {
    if (hovered === index) return;
    hovered = index;
    drawValues();
  }

  function choose(index: number): void {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row) store.choose({ scanId: row.scanId });
  }

  function follow(on: boolean): void {
    if (on) {
      zoom = null;
      store.follow();
    } else if (state.choice.scanId === null) {
      store.choose({ scanId: rows.at(-1)?.scanId ?? null });
    } else store.choose({});
  }

  function onKey(event: KeyboardEvent): void {
    const at = chosenIndex() ?? rows.length - 1;
    const steps: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => choose(at - 1),
      ArrowRight: () => choose(at + 1),
      Home: () => choose(0),
      End: () => follow(true),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }

  function chosenIndex(): number | null {
    if (state.choice.scanId === null) return null;
    for (let i = rows.length - 1; i >= 0; i--) if (rows[i]!.scanId === state.choice.scanId) return i;
    return null;
  }

  /** Rows never change, so their points are worked out once; at 100 scans a second all others would be done again. */
  const pointsOf = new WeakMap<ScanRow, Readonly<Record<string, TimelinePoint>>>();
  function points(name: string): TimelinePoint[] {
    return rows.map((row) => {
      let found = pointsOf.get(row);
      if (!found) {
        found = Object.fromEntries(
          NAMES.map((each) => [each, each === 'noise' ? noisePoint(row) : readingPoint(row, each)]),
        );
        pointsOf.set(row, found);
      }
      return found[name]!;
    });
  }

  function draw(): void {
    const { choice } = state;
    if (choice.scanId === null && zoom !== null && zoomedSample === choice.sampleId) zoom = null;
    if (zoomedSample !== choice.sampleId) zoom = null;
    zoomedSample = choice.sampleId;
    const all = chosenRows(state);
    const now = [
      choice.sampleId,
      all[0],
      all.length,
      all.at(-1),
      choice.scanId,
      choice.windowMs,
      choice.runId,
      zoom,
    ];
    if (now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    drawnFor = now;
    rows = all;
    xs = rows.map((row) => axisTime(row) / 1000);
    element.dataset.scans = String(rows.length);
    if (showTracks()) resize();
    build();
    const picked = chosenIndex();
    const [min, max] = timeRange();
    for (const { chart, name, row } of tracks) {
      if (!chart || row.hidden) continue;
      chart.setPoints(points(name), xs, picked);
      chart.plot.batch(() => chart.plot.setScale('x', { min, max }));
    }
    drawValues();
  }

  /** Tracks of what the sample's scans have: oxygen has other descriptors than the rest. True where that changed. */
  function showTracks(): boolean {
    if (rows.length === 0) return false;
    return tracks.reduce((changed, { name, row }) => {
      const hidden = name !== 'noise' && points(name).every(({ value }) => value === null);
      if (row.hidden === hidden) return changed;
      row.hidden = hidden;
      return true;
    }, false);
  }

  function timeRange(): [number, number] {
    if (zoom) return zoom;
    const last = xs.at(-1) ?? Date.now() / 1000;
    const first = xs[0] ?? last - 60;
    const begin =
      state.choice.windowMs === null ? first : Math.max(first, last - state.choice.windowMs / 1000);
    const span = Math.max(last - begin, 1);
    return [last - span * 1.01, last + span * 0.015];
  }

  /** The figures at the right edge: of the scan under the cursor, the chosen one, or the newest. */
  function drawValues(): void {
    const index = hovered ?? chosenIndex() ?? rows.length - 1;
    const row = rows[index];
    element.classList.toggle('pointing', hovered !== null);
    for (const track of tracks) {
      if (!row) {
        setText(track.value, '–');
        setText(track.word, '');
        setText(track.single, '');
        setAttribute(track.icon, 'visibility', 'hidden');
        continue;
      }
      const point = track.name === 'noise' ? noisePoint(row) : readingPoint(row, track.name);
      setAttribute(track.icon, 'visibility', 'visible');
      setVerdictIcon(track.icon, point.verdict);
      track.row.classList.toggle('untrusted', point.verdict === 'REJECT');
      if (track.name === 'noise') {
        setText(track.value, formatNumber(point.value, 2));
        setText(track.word, point.limit === null ? '' : `limit ${formatNumber(point.limit, 2)}`);
      } else {
        const text = formatValue(point.value, point.low, point.high);
        setText(track.value, track.name === 'OS' ? withSign(text) : text);
        setText(track.word, VERDICT_WORDS[point.verdict]);
      }
      const isMean = meanOf(row, track.name) !== undefined;
      setText(track.meaning, `${MEANINGS[track.name] ?? ''}${isMean ? ', mean' : ''}`);
      setText(track.single, isMean ? classWords(row, track.name) : '');
      const reading = readingOf(row, track.name);
      const why = reading && reading.verdict !== 'ACCEPT' ? `: ${verdictReason(reading.reason)}` : '';
      const at = formatTime(axisTime(row), Date.now());
      setAttribute(track.row, 'title', `${at}, scan ${row.sequence}${why}`);
    }
  }

  return {
    element,
    draw,
    reset() {
      for (const track of tracks) {
        track.chart?.plot.destroy();
        track.chart = null;
      }
      drawnFor = [];
      draw();
    },
  };
}

function readingPoint(row: ScanRow, name: string): TimelinePoint {
  const atMs = axisTime(row);
  const { value = null, low = null, high = null, verdict = 'REJECT' } = readingOf(row, name) ?? {};
  return { atMs, value, low, high, verdict, limit: null };
}

/** `class +3, flagged`: what the scan is taken for if all its sites are alike. */
function classWords(row: ScanRow, name: string): string {
  const found = row.descriptors.find((descriptor) => descriptor.name === name);
  if (!found || found.value === null) return '';
  const value = name === 'OS' ? withSign(String(found.value)) : String(found.value);
  return `class ${value}, ${VERDICT_WORDS[found.verdict]}`;
}

/**
 * Noise against the threshold of the first descriptor that has one, the oxidation state if it can: above it that is not
 * accepted.
 */
function noisePoint(row: ScanRow): TimelinePoint {
  const limited = row.descriptors.filter(({ noiseThreshold }) => (noiseThreshold ?? 0) > 0);
  const first = limited.find(({ name }) => name === 'OS') ?? limited[0];
  const limit = first?.noiseThreshold ?? null;
  const sigma = row.noiseSigma;
  const verdict: VerdictName = sigma !== null && limit !== null && sigma > limit ? 'REJECT' : 'ACCEPT';
  return { atMs: axisTime(row), value: sigma, low: null, high: null, verdict, limit };
}
