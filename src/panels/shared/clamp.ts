/** `value`, or the end of the range that it lies beyond. */
export const clamp = (value: number, from: number, to: number): number => Math.max(from, Math.min(to, value))
