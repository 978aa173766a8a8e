/**
 * Comes back when the condition holds: as soon as it does, and never before. After `withinMs` it throws with the
 * condition's own text: the limit is no measure of speed, it ends what would wait for ever and run on beside the tests
 * that follow.
 */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 150_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`Expected within ${withinMs / 1000} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Comes back when `check` throws no more, and else throws what it threw last: for what is expected of a page, which
 * draws a moment after it was told, and of two pages each in its own moment.
 */
export async function untilPasses(check: () => Promise<void>, withinMs = 60_000): Promise<void> {
  let last: unknown;
  const passes = () =>
    check().then(
      () => true,
      (thrown: unknown) => {
        last = thrown;
        return false;
      },
    );
  await until(passes, withinMs).catch(() => {
    throw last;
  });
}
