const KEY = 'lastLooked';
/** Who comes back within this time never left. */
const AWAY_MS = 60_000;
const NOTED_EVERY_MS = 5_000;

export type LastLooked = {
  /** When this browser was last looked at before now, on the server's clock, ms; null: never, or not away since. */
  sinceMs(): number | null;
  /** Everything up to now has been seen. */
  forget(): void;
};

/** Remembers when the page was last seen: whoever sleeps wants to know what changed meanwhile. */
export function lastLooked(serverNow: () => number): LastLooked {
  let since: number | null = null;
  const noted = () => Number(localStorage.getItem(KEY) ?? 0);
  const note = () => localStorage.setItem(KEY, String(Math.round(serverNow())));
  function look(): void {
    if (document.hidden) return;
    const before = noted();
    if (before > 0 && serverNow() - before > AWAY_MS) since = before;
    note();
  }
  look();
  document.addEventListener('visibilitychange', look);
  setInterval(() => !document.hidden && note(), NOTED_EVERY_MS);
  return {
    sinceMs: () => since,
    forget() {
      since = null;
    },
  };
}
