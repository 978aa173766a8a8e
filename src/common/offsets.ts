/** Math.max and Math.min take no bigint, as offsets are. */
export const later = (a: bigint, b: bigint): bigint => {
  if (a > b) return a;
  return b;
};
export const earlier = (a: bigint, b: bigint): bigint => {
  if (a < b) return a;
  return b;
};
