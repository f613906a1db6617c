/** A small generator of repeatable randomness: the same seed breaks the same things. */
export class Dice {
  private state: number
  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0
  }
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Holder = Json[] | { [name: string]: Json }

/** What a file may say in a place, by its name: often right by itself, and not always beside the rest. */
const PLAUSIBLE: Readonly<Record<string, readonly Json[]>> = {
  frames: [6, 8, 12, 16, 64, 1024, 4096],
  pages: [1, 2, 3, 5, 8, 40, 513, 1024],
  at: ['0x100000000000', '0x100000002000', '0x100000200000', '0x7ffffffff000', '0x1000', '0x0', '0x100000000800'],
  kind: ['anon', 'file'],
  protection: ['rw', 'r'],
  present: ['all', 'none', [], [0], [1], [0, 1], [1, 0]],
  pinned: [[], [0], [1], [0, 1]],
  unmapped: [true, false],
  growsDown: [true, false],
  lazy: [true, false],
  zeroPage: [true, false],
  task: ['app', 'other'],
  tlb: [0, 1, 2, 16],
  iotlb: [0, 1, 2, 16],
  walkCache: [0, 1, 3, 8],
  queue: [1, 2, 8],
  batchSize: [1, 2, 3, 16, 1024],
  tableBatch: [1, 2, 512],
  as: ['data', 'pte-bytes'],
  page: ['buf[0]', 'buf[1]', 'heap[0]', 'buf[any]', 'buf[7]'],
  region: ['buf', 'heap'],
  first: [0, 1, 2],
  format: [1],
  kernel: ['3.18', '4.15', '6.1', '6.6'],
  driver: ['naive', 'empty-table', 'notifier'],
  schedule: ['', '000', '0*9', '3.1', '0*z0*z0*z'],
  switches: [{}, { drainsWalks: false }, { tableFree: 'rcu' }, { mergeVmas: false }, { batchFreeOrder: 'fifo' }],
}

const SCRIPTS: readonly Json[] = [
  { do: 'munmap', region: 'buf' },
  { do: 'brk', region: 'buf', first: 1 },
  { do: 'madvise-dontneed', region: 'buf', first: 0, pages: 1 },
  { do: 'mmap', region: 'buf' },
  { do: 'read', page: 'buf[0]' },
  { do: 'write', page: 'buf[1]' },
  { do: 'speculate', page: 'buf[0]' },
  { do: 'allocate', as: 'pte-bytes' },
  { do: 'uprobe', page: 'file[0]' },
  { do: 'uffd-move', region: 'buf', to: 'heap' },
  { do: 'memslot', vm: 'VM 0', region: 'buf', change: 'delete' },
  { do: 'serve-faults' },
  { do: 'exit' },
]

const REGIONS: readonly Json[] = [
  { name: 'stack', at: '0x7fffff000000', pages: 3, kind: 'anon', protection: 'rw', present: 'all', growsDown: true },
  {
    name: 'view',
    at: '0x300000000000',
    pages: 2,
    kind: 'anon',
    protection: 'rw',
    present: 'all',
    mm: 'child',
    sharesTable: 'buf',
  },
  { name: 'file', at: '0x200000000000', pages: 2, kind: 'file', protection: 'r', present: [1] },
  { name: 'later', at: '0x100000004000', pages: 2, kind: 'anon', protection: 'rw', present: 'none', unmapped: true },
]

const NASTY: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    -0,
    4096,
    2 ** 53,
    '',
    'x',
    '0x',
    'NaN',
    '__proto__',
    'constructor',
    'buf[any]',
  ],
  ...['<script>alert(1)</script>', '\u0000', '\u202e', '😀', '\ud800', 'ｂｕｆ', '../../etc/passwd', 'a'.repeat(5000)],
  ...[[], {}, [[]], [{}], [0, 1, 'x'], { do: 'munmap' }, { length: 3 }, { toString: 1 }],
]

const NAMES = ['x', '__proto__', 'constructor', 'toString', 'page', 'pagez', 'do', '$schema', '', 'a b', '😀', 'frames']

/** Changes a few values to others that may well fit. */
export function plausibly(scenario: object, dice: Dice): Json {
  const copy = structuredClone(scenario) as { [name: string]: Json }
  for (let changes = 1 + dice.below(4); changes > 0; changes--) {
    if (dice.below(6) === 0) addPart(copy, dice)
    else {
      const [holder, key] = pick(copy, dice)
      const values = PLAUSIBLE[key]
      if (values !== undefined) put(holder, key, structuredClone(dice.of(values)))
      else if (Array.isArray(holder)) dice.below(2) === 0 ? holder.splice(Number(key), 1) : repeat(holder, Number(key))
    }
  }
  return copy
}

function addPart(scenario: { [name: string]: Json }, dice: Dice): void {
  const cpus = scenario.cpus as { script: Json[] }[] | undefined
  const memory = scenario.memory as { regions: Json[]; frames: number } | undefined
  if (dice.below(3) > 0) {
    const script = cpus?.[dice.below(cpus.length)]?.script
    if (Array.isArray(script)) script.splice(dice.below(script.length + 1), 0, structuredClone(dice.of(SCRIPTS)))
  } else if (Array.isArray(memory?.regions)) {
    memory.regions.push(structuredClone(dice.of(REGIONS)))
    memory.frames = 32
  }
}

/** Breaks a scenario in any way that leaves it JSON. */
export function wildly(scenario: object, dice: Dice): Json {
  const root: { [name: string]: Json } = { it: structuredClone(scenario) as Json }
  for (let changes = 1 + dice.below(4); changes > 0; changes--) {
    const [holder, key] = pick(root, dice)
    const old = get(holder, key)
    const kind = dice.below(9)
    if (kind === 0) Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]
    else if (kind === 1 && Array.isArray(holder)) repeat(holder, Number(key))
    else if (kind === 2 && typeof old === 'number')
      put(holder, key, dice.of([old + 1, old - 1, -old, old * 1e6, old + 0.1]))
    else if (kind === 3) Array.isArray(holder) ? holder.push(old) : put(holder, dice.of(NAMES), old)
    else if (kind === 4) put(holder, key, nested(old, 1 + dice.below(40)))
    else if (kind === 5 && Array.isArray(old))
      put(
        holder,
        key,
        Array.from({ length: dice.below(60) }, () => old[0] ?? 0),
      )
    else if (kind === 6) put(holder, key, structuredClone(get(...pick(root, dice))))
    else put(holder, key, structuredClone(dice.of(NASTY)))
  }
  return root.it ?? null
}

/** Breaks a text in ways that need not leave it JSON. */
export function scrambled(text: string, dice: Dice): string {
  const from = dice.below(text.length + 1)
  const to = Math.min(text.length, from + dice.below(30))
  switch (dice.below(5)) {
    case 0:
      return text.slice(0, from)
    case 1:
      return text.slice(0, from) + text.slice(to)
    case 2:
      return text.slice(0, to) + text.slice(from)
    case 3:
      return text.replace(/\d+/, dice.of(['1e999', '-0', '01', 'NaN', '0x10', '1e-7', '99999999999999999999', '-']))
    default:
      return (
        text.slice(0, from) +
        dice.of(['"', '\\', '{', ']', ',', ':', '\n', "'", '/*', '\u0000', '\u2028']) +
        text.slice(from)
      )
  }
}

/** A random place: the object or list that holds it, and its name or number there. */
function pick(root: Holder, dice: Dice): [Holder, string] {
  let holder = root
  for (;;) {
    const key = dice.of(Object.keys(holder))
    const value = get(holder, key)
    const leaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0
    if (leaf || dice.below(5) === 0) return [holder, key]
    holder = value
  }
}

const get = (holder: Holder, key: string): Json => (holder as { [name: string]: Json })[key] ?? null

function put(holder: Holder, key: string, value: Json): void {
  // As JSON.parse() does it: a name of its own, even if every object has one like it.
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

const repeat = (list: Json[], at: number): unknown => list.splice(at, 0, structuredClone(list[at] ?? null))

function nested(value: Json, depth: number): Json {
  let outer = value
  for (let i = 0; i < depth; i++) outer = i % 2 === 0 ? [outer] : { x: outer }
  return outer
}
