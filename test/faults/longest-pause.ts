/**
 * Watches how long nothing comes out, once something has.
 * @param seen how much has come out up to now
 * @returns ends the watch: the longest pause up to then, s
 */
export function longestPause(seen: () => number): () => number {
  let [count, sinceMs, longestMs] = [seen(), performance.now(), 0];
  const look = () => {
    const nowMs = performance.now();
    if (count > 0) longestMs = Math.max(longestMs, nowMs - sinceMs);
    if (seen() !== count) [count, sinceMs] = [seen(), nowMs];
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    look();
    return longestMs / 1000;
  };
}
