export type Frame = { request(): void };

/**
 * Draws when something changed, at most once a frame, and takes at most a third of the time for it: on a slow computer
 * the page draws more rarely instead of becoming deaf to clicks.
 */
export function frame(draw: () => void): Frame {
  let requested = false;
  let notBefore = 0;
  function tick(): void {
    if (performance.now() < notBefore) {
      requestAnimationFrame(tick);
      return;
    }
    requested = false;
    const start = performance.now();
    draw();
    const end = performance.now();
    notBefore = end + 2 * (end - start);
  }
  return {
    request() {
      if (requested) return;
      requested = true;
      requestAnimationFrame(tick);
    },
  };
}
