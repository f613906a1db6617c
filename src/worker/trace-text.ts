import type { RawLine } from './trace-api.ts'

/** The text of a recording, kept as it came so that any line of it can be shown. */
export interface KeptText {
  keep(bytes: Uint8Array): void
  /** Lines `from` to `to`, both included; those beyond what was kept are not there. */
  lines(from: number, to: number): readonly RawLine[]
}

/** Bytes kept of one recording. What is longer can be read all the same; only its later lines cannot be shown. */
const MOST_BYTES = 256 << 20
/** Characters shown of one line. */
const MOST_CHARACTERS = 600
/** Lines given out at a time. */
const MOST_LINES = 200
const LINE_FEED = 10

interface Piece {
  readonly bytes: Uint8Array
  /** Number of the line that its first byte belongs to. */
  readonly line: number
}

/** Keeps the bytes of a recording, up to `limit`, so that any line can be shown again. */
export function keptText(limit = MOST_BYTES): KeptText {
  const pieces: Piece[] = []
  let line = 1
  let kept = 0
  return {
    keep(bytes) {
      if (kept >= limit) return
      kept += bytes.length
      pieces.push({ bytes, line })
      for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) line++
    },
    lines(from, to) {
      const first = Math.max(1, Math.trunc(from))
      return cut(pieces, first, Math.min(Math.trunc(to), first + MOST_LINES - 1))
    },
  }
}

/** Walks the pieces from the one in which line `from` begins; a line may lie in several. */
function cut(pieces: readonly Piece[], from: number, to: number): RawLine[] {
  const lines: RawLine[] = []
  const decoder = new TextDecoder()
  let open: { number: number; text: string } | null = null
  const add = (number: number, bytes: Uint8Array, ends: boolean): void => {
    open ??= { number, text: '' }
    if (open.text.length <= MOST_CHARACTERS) open.text += decoder.decode(bytes.subarray(0, MOST_CHARACTERS * 4))
    if (!ends) return
    lines.push(shown(open))
    open = null
  }
  let start = pieces.findIndex((_, i) => (pieces[i + 1]?.line ?? Number.POSITIVE_INFINITY) >= from)
  for (; start >= 0 && start < pieces.length; start++) {
    const piece = pieces[start]
    if (piece === undefined || piece.line > to) break
    let number = piece.line
    let at = 0
    while (number <= to) {
      const feed = piece.bytes.indexOf(LINE_FEED, at)
      const end = feed < 0 ? piece.bytes.length : feed
      if (number >= from && (end > at || feed >= 0)) add(number, piece.bytes.subarray(at, end), feed >= 0)
      if (feed < 0) break
      at = feed + 1
      number++
    }
  }
  if (open !== null) lines.push(shown(open))
  return lines
}

function shown({ number, text }: { readonly number: number; readonly text: string }): RawLine {
  const plain = text.endsWith('\r') ? text.slice(0, -1) : text
  return { number, text: plain.length > MOST_CHARACTERS ? `${plain.slice(0, MOST_CHARACTERS)}…` : plain }
}
