const EVERY_MS = { terminal: 200, log: 5000 } as const;

/** Says on standard error how far something long is: a line that changes on a terminal, else one every few seconds. */
export function showProgress(): { at(text: () => string): void; end(): void } {
  const { isTTY } = process.stderr;
  const everyMs = isTTY ? EVERY_MS.terminal : EVERY_MS.log;
  let shownMs = performance.now();
  let shown = false;
  return {
    at(text) {
      if (performance.now() - shownMs < everyMs) return;
      shownMs = performance.now();
      shown = true;
      process.stderr.write(isTTY ? `\r${text()}\x1b[K` : `${text()}\n`);
    },
    end: () => void (shown && isTTY && process.stderr.write('\n')),
  };
}
