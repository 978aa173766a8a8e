/**
 * A value with no more digits than its interval allows: `2.96 ± 0.12`, or `3 (2 to 4)` where it does not lie in the
 * middle.
 */
export function formatValue(value: number | null, low: number | null, high: number | null): string {
  if (value === null) return '–';
  const half = low !== null && high !== null ? (high - low) / 2 : 0;
  if (!(half > 0)) return trim(value.toFixed(Number.isInteger(value) ? 0 : 1));
  const whole = [value, low, high].every(Number.isInteger);
  const decimals = whole ? 0 : decimalsFor(half);
  const centred = !whole && Math.abs(value - ((low ?? 0) + (high ?? 0)) / 2) <= 0.25 * half;
  if (centred) return `${value.toFixed(decimals)} ${formatHalf(half)}`;
  const [from, to] = [low ?? 0, high ?? 0].map((end) => end.toFixed(Number.isInteger(end) ? 0 : decimals));
  return `${value.toFixed(decimals)} (${from} to ${to})`;
}

/** Half of an interval by itself: `± 0.12`. */
export const formatHalf = (half: number): string => `± ${half.toFixed(decimalsFor(half))}`;

/** One digit of the uncertainty, two where the first is a 1. */
function decimalsFor(half: number): number {
  const exponent = Math.floor(Math.log10(half));
  const leading = half / 10 ** exponent;
  return Math.min(6, Math.max(0, leading < 2 ? 1 - exponent : -exponent));
}

const trim = (text: string) => text.replace(/\.0$/, '');

/** An oxidation state carries its sign: `+3.4`. */
export const withSign = (text: string): string => (/^[-–]/.test(text) ? text.replace(/^-/, '−') : `+${text}`);

/** Age in words, one unit: `3 s`, `12 min`, `4 h`, `2 days`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 1) return 'under 1 s';
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** A duration for people: `42 ms`, `1.3 s`, `12 s`, `4 min`. */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return '–';
  const size = Math.abs(ms);
  if (size < 999.5) return `${Math.round(ms)} ms`;
  if (size < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (size < 100_000) return `${Math.round(ms / 1000)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const SHORT_CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Time of day; with the day where it is not the day of `nowMs`. */
export function formatTime(ms: number, nowMs: number, seconds = true): string {
  const time = (seconds ? CLOCK : SHORT_CLOCK).format(ms);
  const sameDay = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  return sameDay ? time : `${DAY.format(ms)} ${time}`;
}

/** `1 of 1 scan`, `3 of 41 scans`. */
export const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

const COUNT = new Intl.NumberFormat('en-GB');
export const formatCount = (count: number): string => COUNT.format(count);

export function formatBytes(bytes: number | null): string {
  if (bytes === null) return 'no value';
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** Significant digits without an exponent. */
export const formatNumber = (value: number | null, digits = 3): string =>
  value === null || !Number.isFinite(value) ? '–' : String(Number(value.toPrecision(digits)));

export const formatRate = (perSecond: number): string =>
  perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1);
