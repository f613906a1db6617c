/** Height of a line of a long transcript, in pixels: two lines of text. */
export const LINE = 52
/** Up to here every line is on the page, as tall as its text. */
export const MOST_LINES = 300

const SPARE = 12

/** Lines worth drawing when a list of `count` is scrolled to `top` in a window `height` high: `end` exclusive. */
export function linesInView(
  count: number,
  top: number,
  height: number,
): { readonly start: number; readonly end: number } {
  const start = Math.max(0, Math.floor(top / LINE) - SPARE)
  return { start, end: Math.min(count, Math.ceil((top + height) / LINE) + SPARE) }
}
