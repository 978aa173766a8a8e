/** Whether none is NaN or infinite. A loop: `every(Number.isFinite)` takes six times as long on typed arrays. */
export function allFinite(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i += 1) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
