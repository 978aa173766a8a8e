import 'uplot/dist/uPlot.min.css';
import { forgetColours } from './charts/colours.ts';
import { keepAddress } from './state/address.ts';
import { choiceOf } from './state/choice.ts';
import { connect } from './state/connection.ts';
import { lastLooked } from './state/last-looked.ts';
import { latency } from './state/latency.ts';
import { loadHistory } from './state/load-history.ts';
import { saying } from './state/say.ts';
import { spectra } from './state/spectra.ts';
import { createStore } from './state/store.ts';
import { trainingMaps } from './state/training-maps.ts';
import { besideView } from './views/beside-view.ts';
import { changesView } from './views/changes-view.ts';
import { compareView } from './views/compare-view.ts';
import { conditionsView } from './views/conditions-view.ts';
import { deadLettersView } from './views/dead-letters-view.ts';
import { h } from './views/dom.ts';
import { frame } from './views/frame.ts';
import { headerView } from './views/header-view.ts';
import { mapView } from './views/map-view.ts';
import { messageView } from './views/message-view.ts';
import { requestsView } from './views/requests-view.ts';
import { sampleView } from './views/sample-view.ts';
import { samplesView } from './views/samples-view.ts';
import { scanDetails } from './views/scan-details.ts';
import { scanView } from './views/scan-view.ts';
import { sinceView } from './views/since-view.ts';
import { spectraView } from './views/spectra-view.ts';
import { timelinesView } from './views/timelines-view.ts';

const WALL_PX = 1900;
const THEME_KEY = 'theme';

let serverNow: () => number = Date.now;
const store = createStore(() => serverNow(), choiceOf(location.hash.slice(1)));
const delay = latency(() => serverNow());
const { socket, clock } = connect(store, delay);
serverNow = clock.serverNow;

const redraw = frame(draw);
const details = scanDetails(socket, () => redraw.request());
const many = spectra(socket, () => redraw.request());
const timelines = timelinesView(store);
const header = headerView(store, {
  latency: delay,
  serverNow,
  clockUncertaintyMs: clock.uncertaintyMs,
  onLogOut: () => void fetch('/logout', { method: 'POST' }).then(() => location.reload()),
  onTheme: () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'),
});
const message = messageView(store, serverNow);
const samples = samplesView(store, serverNow);
const say = saying(socket);
const waterfall = spectraView(store, many);
const conditions = conditionsView(store, timelines.conditions);
const map = mapView(
  store,
  trainingMaps(() => redraw.request()),
);
const sample = sampleView(store, {
  timelines,
  since: sinceView(store, lastLooked(serverNow)),
  serverNow,
  panels: [
    { name: 'descriptors', title: 'Descriptors', element: timelines.descriptors },
    { name: 'spectra', title: 'Spectra over time', ...waterfall },
    { name: 'conditions', title: 'Conditions', ...conditions },
    { name: 'map', title: 'Map', ...map },
    { name: 'changes', title: 'Changes and notes', ...changesView(store, say) },
    { name: 'requests', title: 'Requests', ...requestsView(store, serverNow) },
  ],
});
const scan = scanView(store, details, many, say);
const compare = compareView(store, many);
const beside = besideView(store, scan, compare);
const deadLetters = deadLettersView(store, socket, innerWidth > WALL_PX);
const ages = [header, message, samples];

document
  .getElementById('page')!
  .replaceChildren(
    header.element,
    message.element,
    h('main', {}, samples.element, sample.element, beside.element),
    deadLetters.element,
  );

function draw(): void {
  loadHistory(store, socket);
  for (const view of [header, message, samples, sample, beside, deadLetters]) view.draw();
  delay.drawn();
}

function setTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(THEME_KEY, theme);
  forgetColours();
  for (const view of [timelines, waterfall, conditions, map, scan, compare]) view.reset();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
  if (event.key === '/') {
    event.preventDefault();
    samples.focusFilter();
  } else if (event.key === 'f' || event.key === 'F') store.follow();
  else if (event.key === 'Escape' && !store.escape()) deadLetters.close();
});

document.addEventListener('visibilitychange', delay.hidden);
setTheme(localStorage.getItem(THEME_KEY) ?? 'dark');
store.listen(() => redraw.request());
keepAddress(store);
redraw.request();
// Ages are words about now: they alone move without data, once a second, and nothing else is drawn for them.
setInterval(() => {
  for (const view of ages) view.draw();
}, 1000);
