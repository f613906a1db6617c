import type { RecordKind, TraceRecord } from './record.ts'

/** Records of a text, in order. One is made anew each time it is asked for. */
export interface TraceRecords extends Iterable<TraceRecord> {
  readonly length: number
  /** Every name that occurs. */
  names(): ReadonlySet<string>
  /** Goes through them; `named`, asked once a name, leaves out those of other names. */
  each(visit: (r: TraceRecord) => void, named?: (name: string) => boolean): void
}

/** Where a text of records is put together. */
export interface RecordStore extends TraceRecords {
  /** The text that the next records are found in. */
  open(text: string): void
  /** Adds one; `from` and `to` bound its fields in the text. */
  add(head: RecordHead, from: number, to: number): void
  /** No more records in this text. */
  close(): void
  /** Characters kept. */
  readonly characters: number
}

/** All of a record but its fields. */
export interface RecordHead {
  line: number
  column: number
  task: string
  pid: number
  cpu: number
  flags: string
  time: number
  name: string
  kind: RecordKind
}

const KINDS: readonly RecordKind[] = ['event', 'syscall-entry', 'syscall-exit']

/**
 * Keeps records as columns of numbers, and their fields where they were found. A million records made into objects at once
 * are a million objects for the garbage collector to look after; made one by one they are gone before it comes.
 */
export function recordStore(): RecordStore {
  const texts: string[] = []
  const tasks = interned()
  const flags = interned()
  const names = interned()
  let n = 0
  let numbers = newColumns(64)
  /** First record, and characters so far, of the text that is open. */
  let opened = 0
  let kept = 0
  let characters = 0

  const at = (i: number): TraceRecord => {
    const c = numbers
    return {
      line: c.line[i] ?? 0,
      column: c.column[i] ?? 0,
      task: tasks.list[c.task[i] ?? 0] ?? '',
      pid: c.pid[i] ?? 0,
      cpu: c.cpu[i] ?? 0,
      flags: flags.list[c.flags[i] ?? 0] ?? '',
      time: c.time[i] ?? 0,
      name: names.list[c.name[i] ?? 0] ?? '',
      kind: KINDS[c.kind[i] ?? 0] ?? 'event',
      args: (texts[c.text[i] ?? 0] ?? '').slice(c.from[i], c.to[i]),
    }
  }

  return {
    get length() {
      return n
    },
    get characters() {
      return characters
    },
    open(text) {
      texts.push(text)
      opened = n
      kept = 0
    },
    add(head, from, to) {
      if (n === numbers.line.length) numbers = grown(numbers)
      const c = numbers
      c.line[n] = head.line
      c.column[n] = head.column
      c.task[n] = tasks.idOf(head.task)
      c.pid[n] = head.pid
      c.cpu[n] = head.cpu
      c.flags[n] = flags.idOf(head.flags)
      c.time[n] = head.time
      c.name[n] = names.idOf(head.name)
      c.kind[n] = KINDS.indexOf(head.kind)
      c.text[n] = texts.length - 1
      c.from[n] = from
      c.to[n] = to
      kept += to - from
      n++
    },
    // A text of which little is wanted is not kept for that little: 2 GB of noise must not stay in memory.
    close() {
      const text = texts.at(-1) ?? ''
      if (opened === n) texts.pop()
      else if (kept * 4 < text.length) texts[texts.length - 1] = compacted(numbers, opened, n, text)
      characters += opened === n ? 0 : (texts.at(-1)?.length ?? 0)
    },
    names: () => new Set(names.list),
    each(visit, named) {
      const wanted = names.list.map(name => named === undefined || named(name))
      for (let i = 0; i < n; i++) if (wanted[numbers.name[i] ?? 0] === true) visit(at(i))
    },
    *[Symbol.iterator]() {
      for (let i = 0; i < n; i++) yield at(i)
    },
  }
}

const newColumns = (size: number) => ({
  line: new Uint32Array(size),
  column: new Uint32Array(size),
  task: new Uint32Array(size),
  pid: new Uint32Array(size),
  cpu: new Uint32Array(size),
  flags: new Uint32Array(size),
  time: new Float64Array(size),
  name: new Uint32Array(size),
  kind: new Uint8Array(size),
  text: new Uint32Array(size),
  from: new Uint32Array(size),
  to: new Uint32Array(size),
})

type Columns = ReturnType<typeof newColumns>

function grown(columns: Columns): Columns {
  const larger = newColumns(columns.line.length * 2)
  for (const name of Object.keys(columns) as (keyof Columns)[]) larger[name].set(columns[name])
  return larger
}

/** The fields of records [first, end) one after another, without what stood between them. */
function compacted(c: Columns, first: number, end: number, text: string): string {
  const parts: string[] = []
  let length = 0
  for (let i = first; i < end; i++) {
    const part = text.slice(c.from[i], c.to[i])
    parts.push(part)
    c.from[i] = length
    length += part.length
    c.to[i] = length
  }
  return parts.join('')
}

/** Strings that come again and again, by number. */
function interned() {
  const list: string[] = []
  const ids = new Map<string, number>()
  let last = ''
  let lastId = -1
  return {
    list,
    idOf(text: string): number {
      if (lastId >= 0 && text === last) return lastId
      let id = ids.get(text)
      if (id === undefined) {
        id = list.length
        list.push(text)
        ids.set(text, id)
      }
      last = text
      lastId = id
      return id
    },
  }
}
