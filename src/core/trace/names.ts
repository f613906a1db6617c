import { nameRead } from './aliases.ts'
import type { LineScan } from './line.ts'

/** An event's name, as seen in a text. */
export interface EventName {
  /** As it is read: `unmap_page_range`. */
  readonly text: string
  /** As it was written: `unmap_page_range.isra.0`. */
  readonly written: string
  readonly wanted: boolean
  /** Lines of it that were not read. */
  lines: number
}

/** The names met so far. */
export interface NameTable {
  /** The entry of the name that `scan` found in `text`. */
  of(text: string, scan: LineScan): EventName
  /** Lines by name, of the names not wanted. */
  ignored(): ReadonlyMap<string, number>
}

/** A file of noise could bring a new name on every line: beyond this many, or this long, they are one. */
const MAX_NAMES = 10_000
const MAX_LENGTH = 128

/**
 * Names by hash, so that a name known already is compared where it stands: cutting it out and hashing it anew was a third
 * of the time of reading.
 */
export function nameTable(wanted: (name: string) => boolean): NameTable {
  const byHash = new Map<number, EventName[]>()
  const others: EventName = { text: '(further names)', written: '', wanted: false, lines: 0 }
  let size = 0

  function add(hash: number, name: string): EventName {
    if (size >= MAX_NAMES || name.length > MAX_LENGTH) return others
    size++
    // A copy, character by character: a slice would keep all of the text that it was cut from.
    const written = [...name].join('')
    const text = nameRead(written)
    const entry: EventName = { text, written, wanted: wanted(text), lines: 0 }
    const same = byHash.get(hash)
    if (same === undefined) byHash.set(hash, [entry])
    else same.push(entry)
    return entry
  }

  return {
    of(text, scan) {
      const length = scan.nameTo - scan.nameFrom
      // sys_enter_munmap: the scan cut the name down to _munmap
      const short = scan.kind !== 'event' && text.charCodeAt(scan.nameFrom) === 95
      const hash = short ? scan.nameHash ^ 1 : scan.nameHash
      const known = byHash.get(hash)
      if (known !== undefined) {
        for (const entry of known) {
          const skip = short ? 3 : 0
          if (
            entry.written.length - skip === length &&
            text.startsWith(skip === 0 ? entry.written : entry.written.slice(3), scan.nameFrom)
          ) {
            return entry
          }
        }
      }
      const name = text.slice(scan.nameFrom, scan.nameTo)
      return add(hash, short ? `sys${name}` : name)
    },
    ignored() {
      const counts = new Map<string, number>()
      for (const entries of byHash.values()) {
        for (const e of entries) if (e.lines > 0) counts.set(e.written, (counts.get(e.written) ?? 0) + e.lines)
      }
      if (others.lines > 0) counts.set(others.text, others.lines)
      return counts
    },
  }
}
