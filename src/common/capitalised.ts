/** Fe for fe and FE: the XDI dictionary compares symbols without case. */
export const capitalised = (symbol: string): string =>
  symbol.slice(0, 1).toUpperCase() + symbol.slice(1).toLowerCase();
