import fc from 'fast-check'
import { type Transform, without } from './transform.ts'

/*
 * Recordings that nobody made, at random: the same operations under other names and numbers, or among others; and recordings
 * that lost something. A variant is a text again: whatever reads it knows nothing of how it came about.
 */

/** A change with its name, for the sentence of a test that fails. */
export interface Variant {
  readonly what: string
  readonly apply: Transform
}

const HEAD = /^( *)(.+?)-(\d+)( +\[)(\d{3,})(\] \S+ +)([\d.]+)(: .*)$/s

interface Line {
  readonly task: string
  readonly pid: number
  readonly cpu: number
  readonly time: string
}

const timeOf = (line: string): string | null => HEAD.exec(line)?.[7] ?? null

/** Changes the head of every event line; other lines stay as they are. */
const eachEvent =
  (change: (e: Line) => Partial<Line>): Transform =>
  text =>
    text
      .split('\n')
      .map(line => {
        const m = HEAD.exec(line)
        if (m === null) return line
        const [, pad = '', task = '', pid = '', bracket = '', cpu = '', flags = '', time = '', rest = ''] = m
        const old = { task, pid: Number(pid), cpu: Number(cpu), time }
        const now = { ...old, ...change(old) }
        return `${pad}${now.task}-${now.pid}${bracket}${String(now.cpu).padStart(3, '0')}${flags}${now.time}${rest}`
      })
      .join('\n')

const renamed = (name: string): Transform => eachEvent(({ task }) => ({ task: task === 'mnwl' ? name : task }))
const renumbered = (by: number): Transform => eachEvent(({ pid }) => ({ pid: pid === 0 ? 0 : pid + by }))

/** Another pair of CPUs, with masks as wide as they need. */
function onCpus(first: number, second: number): Transform {
  const cpuOf = (n: number): number => (n === 0 ? first : n === 1 ? second : n)
  const mask = (hex: string): string => {
    let bits = 0n
    const old = BigInt(`0x${hex}`)
    for (let n = 0; n < 2; n++) if ((old >> BigInt(n)) & 1n) bits |= 1n << BigInt(cpuOf(n))
    return `0x${bits.toString(16)}`
  }
  const heads = eachEvent(({ cpu }) => ({ cpu: cpuOf(cpu) }))
  return text =>
    heads(text)
      .replace(/from_cpu=(\d)\b/g, (_, n) => `from_cpu=${cpuOf(Number(n))}`)
      .replace(/cpumask=0x([0-9a-f]+)/g, (_, m) => `cpumask=${mask(m)}`)
}

const later = (seconds: number): Transform =>
  eachEvent(({ time }) => ({ time: time.replace(/^\d+/, s => `${Number(s) + seconds}`) }))

/** With nanoseconds, or of a clock that only counts. */
const nanoseconds: Transform = eachEvent(({ time }) => (time.includes('.') ? { time: `${time}217` } : {}))
const counting: Transform = eachEvent(({ time }) => ({ time: time.replace('.', '') }))

/** Another build of the kernel: functions elsewhere in their callers, and of other lengths. */
const otherBuild =
  (by: number): Transform =>
  text =>
    text.replace(/\+0x([0-9a-f]+)\/0x([0-9a-f]+)/g, (_, at, of) => {
      const more = (hex: string): string => (Number.parseInt(hex, 16) + by).toString(16)
      return `+0x${more(at)}/0x${more(of)}`
    })

/** Pointers into the kernel's memory, page tables named by their address excepted: those are frames. */
const otherPointers =
  (digit: string): Transform =>
  text =>
    text
      .replace(/\b(mm|vma)=(0x)?ffff8880/g, `$1=$2ffff${digit}880`)
      .replace(/\btlb=0xffffc900/g, `tlb=0xffffc${digit}00`)

const framesUp =
  (up: number): Transform =>
  text =>
    text
      .replace(/\b(pfn|was|now)=0x([0-9a-f]+)/g, (all, k, n) =>
        /^0+$/.test(n) ? all : `${k}=0x${(Number.parseInt(n, 16) + up).toString(16)}`,
      )
      .replace(/\bpfn=(\d+)(?![0-9a-fx])/g, (_, n) => `pfn=${Number(n) + up}`)
      .replace(/_table=0xffff8880([0-9a-f]{8})/g, (_, n) => {
        const address = 0xffff888000000000n + BigInt(Number.parseInt(n, 16)) + (BigInt(up) << 12n)
        return `_table=0x${address.toString(16)}`
      })

const STRANGERS = [
  '     kworker/1:2-77      [001] .....  TIME: workqueue_execute_start: work struct 0000000012: function vmstat_update',
  '          <idle>-0       [001] d..2.  TIME: sched_switch: prev_comm=swapper/1 prev_pid=0 ==> next_comm=a b next_pid=9',
  '   my - [0] app-4711    [000] .....  TIME: page_fault_user: address=0x7f0000001000 ip=0x401000 error_code=0x6',
  '   my - [0] app-4711    [000] .....  TIME: sys_munmap(addr: 7f0000000000, len: 4000)',
  '   my - [0] app-4711    [000] .....  TIME: sys_munmap -> 0x0',
  '   my - [0] app-4711    [000] .....  TIME: flush_tlb_mm_range: (flush_tlb_mm_range+0x0/0x10) mm=0xffff8880deadbeef start=0x1000 end=0x2000 stride_shift=12 freed_tables=0',
  '   my - [0] app-4711    [000] .....  TIME: mm_page_free: page=ffffea00001 pfn=0x7fffff order=0',
]

/** Lines of others, and events nobody knows, after every `every`-th line. */
const amongStrangers =
  (every: number, first: number): Transform =>
  text => {
    let next = first
    return text
      .split('\n')
      .flatMap((line, i) => {
        const time = timeOf(line)
        if (time === null || i % every !== 0) return [line]
        const stranger = STRANGERS[next++ % STRANGERS.length] ?? ''
        return [line, stranger.replace('TIME', time)]
      })
      .join('\n')
  }

/** Neighbouring lines of the same time and different CPUs, the other way round. */
export const sameTimesSwapped: Transform = text => {
  const lines = text.split('\n')
  for (let i = 0; i + 1 < lines.length; i++) {
    const [a, b] = [HEAD.exec(lines[i] ?? ''), HEAD.exec(lines[i + 1] ?? '')]
    if (a === null || b === null || a[5] === b[5] || a[7] !== b[7]) continue
    ;[lines[i], lines[i + 1]] = [lines[i + 1] ?? '', lines[i] ?? '']
    i++
  }
  return lines.join('\n')
}

const taskName = fc.oneof(
  fc.constantFrom('a b', 'x-1 [000] y', 'kworker/u8:3', 'né', '(sd-pam)', '[kthread]', 'a:b: c', '-'),
  fc.stringMatching(/^[a-z][a-z0-9 _./-]{0,13}[a-z]$/),
)

/** A change that leaves every operation what it is. */
export const harmless: fc.Arbitrary<Variant> = fc.oneof(
  taskName.map(name => ({ what: `task “${name}”`, apply: renamed(name) })),
  fc.integer({ min: 1, max: 4_000_000 }).map(by => ({ what: `pids + ${by}`, apply: renumbered(by) })),
  fc
    .uniqueArray(fc.nat(254), { minLength: 2, maxLength: 2 })
    .map(([a = 0, b = 1]) => ({ what: `CPUs ${a}, ${b}`, apply: onCpus(a, b) })),
  fc.integer({ min: 1, max: 90_000 }).map(by => ({ what: `${by} s later`, apply: later(by) })),
  fc.integer({ min: 1, max: 0xfff }).map(by => ({ what: `symbols + ${by}`, apply: otherBuild(by) })),
  fc.constantFrom('1', '7', 'a').map(d => ({ what: `pointers ${d}`, apply: otherPointers(d) })),
  fc.integer({ min: 1, max: 1 << 24 }).map(up => ({ what: `frames + ${up}`, apply: framesUp(up) })),
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.nat(6))
    .map(([every, first]) => ({ what: `strangers ${every}, ${first}`, apply: amongStrangers(every, first) })),
  fc.constantFrom<Variant>(
    { what: 'nanoseconds', apply: nanoseconds },
    { what: 'a clock that counts', apply: counting },
    { what: 'thread groups', apply: text => text.replace(/^( *.+?-(\d+) +)(\[\d+\] )/gm, '$1(  $2) $3') },
    { what: 'no head', apply: without(/^#/) },
    { what: 'CRLF', apply: text => text.replaceAll('\n', '\r\n') },
    { what: 'blank lines', apply: text => text.replaceAll('\n', '\n\n') },
    { what: 'same times swapped', apply: sameTimesSwapped },
    { what: 'no returns of probes', apply: without(/: (?!flush_tlb|tlb_finish)\w+_ret: /) },
  ),
)

/** A change that loses something: what is left must be read all the same. */
export const harmful: fc.Arbitrary<Variant> = fc.oneof(
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()).map(([share, tail]) => ({
    what: `cut at ${share}${tail ? ', the end kept' : ''}`,
    apply: (text: string) => {
      const at = Math.floor(text.length * share)
      return tail ? text.slice(at) : text.slice(0, at)
    },
  })),
  fc.tuple(fc.integer({ min: 2, max: 9 }), fc.nat(8)).map(([every, from]) => ({
    what: `every ${every}th line lost from ${from}`,
    apply: (text: string) =>
      text
        .split('\n')
        .filter((_, i) => i % every !== from % every)
        .join('\n'),
  })),
  fc
    .constantFrom(
      'mn_invalidate_range_start',
      'mn_invalidate_range_end',
      'sys_\\w+\\(',
      'sys_\\w+ ->',
      'page_fault_user',
      'mmap_lock_\\w+',
      'tlb_gather_mmu',
      'tlb_finish_mmu',
      'mn_page',
      'mn_summary',
      'do_wp_page',
      '__split_huge_pmd',
      'tracing_mark_write: (BEGIN|STEP)',
    )
    .map(name => ({ what: `no ${name}`, apply: without(new RegExp(` ${name}`)) })),
  fc.nat(400).map(at => ({
    what: `events lost at ${at}`,
    apply: (text: string) => {
      const lines = text.split('\n')
      lines.splice(at % lines.length, 25, 'CPU:0 [LOST 25 EVENTS]')
      return lines.join('\n')
    },
  })),
  fc.nat(60).map(from => ({
    what: `the first ${from} lines twice`,
    apply: (text: string) => [...text.split('\n').slice(0, from), text].join('\n'),
  })),
)

/** Two recordings of one kernel as if made at once: other tasks, CPUs, frames and pointers, line by line among each other. */
export function together(one: string, other: string, order: readonly boolean[]): string {
  const stranger = [
    renumbered(5_000),
    onCpus(2, 3),
    framesUp(1 << 22),
    otherPointers('9'),
    (t: string) => t.replaceAll(/\bmn=/g, 'mn=9'),
  ]
  const events = (text: string) => text.split('\n').filter(line => HEAD.test(line) && !/tracing_mark_write/.test(line))
  const queues = [events(one), events(stranger.reduce((text, change) => change(text), other))] as const
  const lines: string[] = []
  const next = [0, 0]
  for (let i = 0; next.some((n, q) => n < (queues[q as 0 | 1]?.length ?? 0)); i++) {
    let q: 0 | 1 = order[i % order.length] === true ? 1 : 0
    if ((next[q] ?? 0) >= queues[q].length) q = q === 0 ? 1 : 0
    lines.push(queues[q][next[q] ?? 0] ?? '')
    next[q] = (next[q] ?? 0) + 1
  }
  // One clock for both: a step of a microsecond a line.
  return lines
    .map((line, i) =>
      line.replace(
        /(\] \S+ +)\d+\.\d{6}: /,
        (_, head) => `${head}${100 + Math.floor(i / 1e6)}.${String(i % 1e6).padStart(6, '0')}: `,
      ),
    )
    .join('\n')
}
