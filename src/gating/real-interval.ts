/**
 * The interval about a real, which is a length or another size: down to 0 at the least, or to the value itself where
 * the network reads less than that, so that the value lies within its interval always.
 */
export const realInterval = (value: number, half: number): { low: number; high: number } => ({
  low: Math.min(value, Math.max(0, value - half)),
  high: value + half,
});
