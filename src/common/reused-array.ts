/**
 * Makes a function that hands out the same memory again and again, for numbers that a function needs until it returns:
 * a new array costs as much as some hundred additions. What was in it before is still there. Whoever asks again loses
 * what was handed out before.
 */
export function reusedArray(): (length: number) => Float64Array {
  let memory = new Float64Array(512);
  return (length) => {
    if (memory.length < length) memory = new Float64Array(2 * length);
    return memory.subarray(0, length);
  };
}
