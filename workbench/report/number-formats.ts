/** With so many decimals; a dash where there is no number. */
export function fixed(value: number | null | undefined, decimals = 3): string {
  return value === null || value === undefined || Number.isNaN(value) ? '-' : value.toFixed(decimals);
}

/** 0.251 as 25.1%; a dash where there is no number. */
export function percent(share: number | null | undefined, decimals = 1): string {
  const text = fixed(share === null || share === undefined ? share : 100 * share, decimals);
  return text === '-' ? text : `${text}%`;
}

/** With its sign, which is that of the value before it is rounded: -0.0001 is -0.000. */
export function signed(value: number | null | undefined, decimals = 3, minus = '-'): string {
  if (value === null || value === undefined) return '-';
  return `${value < 0 ? minus : '+'}${Math.abs(value).toFixed(decimals)}`;
}

/** Floating-point operations in millions. */
export function megaflop(operations: number, decimals = 2): string {
  return `${(operations / 1e6).toFixed(decimals)} MFLOP`;
}
