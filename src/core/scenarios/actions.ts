import { known, unreachable } from '../base/assert.ts'
import type { Consumer } from '../consumers/consumer.ts'
import { clearRefs } from '../kernel/clear-refs.ts'
import { collapseFile } from '../kernel/collapse-file.ts'
import { collapseHugePage } from '../kernel/collapse-huge-page.ts'
import { awaitPage, cpuAccess } from '../kernel/cpu-access.ts'
import { exitMmap } from '../kernel/exit-mmap.ts'
import { age } from '../kernel/folio-referenced.ts'
import { fork } from '../kernel/fork.ts'
import { gupFast } from '../kernel/gup-fast.ts'
import { ksmMerge } from '../kernel/ksm.ts'
import { madviseDontneed } from '../kernel/madvise.ts'
import { madviseFree } from '../kernel/madvise-free.ts'
import { migrate } from '../kernel/migrate.ts'
import { mmap } from '../kernel/mmap.ts'
import { mprotect, numaHint } from '../kernel/mprotect.ts'
import { mremap } from '../kernel/mremap.ts'
import { munmap } from '../kernel/munmap.ts'
import { oomReap } from '../kernel/oom-reaper.ts'
import { allocate } from '../kernel/other-process.ts'
import { writeback } from '../kernel/page-mkclean.ts'
import { reclaim } from '../kernel/reclaim.ts'
import { putSubscriber, registerSubscriber, unregisterSubscriber } from '../kernel/register.ts'
import { retractPageTables } from '../kernel/retract-page-tables.ts'
import { serveFaults } from '../kernel/serve-faults.ts'
import { speculate } from '../kernel/speculate.ts'
import { splitHugePmd } from '../kernel/split-huge-pmd.ts'
import { svaBind, svaUnbind } from '../kernel/sva.ts'
import { switchMm } from '../kernel/switch-mm.ts'
import type { Task } from '../kernel/task.ts'
import { driverFree, truncate } from '../kernel/unmap-mapping-range.ts'
import { uprobe } from '../kernel/uprobes.ts'
import { uffdUnprotect } from '../kernel/userfaultfd.ts'
import { userfaultfdMove } from '../kernel/userfaultfd-move.ts'
import { vfree } from '../kernel/vfree.ts'
import { ptePlaceOf } from '../machine/huge-page.ts'
import type { Setup } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import type { CpuAction } from './scenario.ts'

type ActionOf<D, A = CpuAction> = A extends { readonly do: infer Does } ? (D extends Does ? A : never) : never
type Writers = { readonly [D in CpuAction['do']]: (t: Task, action: ActionOf<D>) => void }

/** How each action of a script becomes operations. A new kernel path is a line here and a file in kernel/. */
const writers: Writers = {
  munmap: (t, action) => munmap(t, ...rangeFor(t.s, action)),
  brk: (t, action) => munmap(t, ...rangeFor(t.s, action), 'brk'),
  'madvise-dontneed': (t, action) => madviseDontneed(t, ...rangeFor(t.s, action)),
  mmap: (t, action) => mmap(t, regionNamed(t.s, action.region)),
  'madvise-free': (t, action) => madviseFree(t, ...rangeFor(t.s, action)),
  mprotect: (t, action) => mprotect(t, ...rangeFor(t.s, action), action.to),
  'numa-hint': (t, action) => numaHint(t, ...rangeFor(t.s, action)),
  'clear-refs': t => clearRefs(t),
  'oom-reap': t => oomReap(t),
  mremap: (t, action) => mremap(t, rangeFor(t.s, action), rangeFor(t.s, { region: action.to })[0], action.wholeTables),
  truncate: (t, action) => truncate(t, ...rangeFor(t.s, action)),
  vfree: (t, action) => vfree(t, ...rangeFor(t.s, action)),
  'driver-free': (t, action) => driverFree(t, ...rangeFor(t.s, action)),
  collapse: (t, action) => {
    const place = placeOf(t.s, action.region)
    if ((t.s.fileFrame[place.firstPage] ?? -1) >= 0) collapseFile(t, place)
    else collapseHugePage(t, place)
  },
  retract: (t, action) => retractPageTables(t, ...rangeFor(t.s, action)),
  'thp-split': (t, action) => splitHugePmd(t, placeOf(t.s, action.region)),
  'gup-fast': (t, action) =>
    gupFast(t, known(pagesOf(t.s, action.page)[0], action.page), action.write === true, action.pin === true),
  'switch-mm': (t, action) => switchMm(t, action.to),
  read: (t, action) => cpuAccess(t, known(pagesOf(t.s, action.page)[0], action.page), false),
  write: (t, action) => cpuAccess(t, known(pagesOf(t.s, action.page)[0], action.page), true),
  speculate: (t, action) => speculate(t, known(pagesOf(t.s, action.page)[0], action.page)),
  fork: t => fork(t),
  'ksm-merge': (t, action) =>
    ksmMerge(t, known(pagesOf(t.s, action.page)[0], action.page), known(pagesOf(t.s, action.with)[0], action.with)),
  uprobe: (t, action) => uprobe(t, known(pagesOf(t.s, action.page)[0], action.page)),
  'uffd-move': (t, action) => userfaultfdMove(t, ...rangeFor(t.s, action), rangeFor(t.s, { region: action.to })[0]),
  'uffd-unprotect': (t, action) => uffdUnprotect(t, ...rangeFor(t.s, action)),
  memslot: (t, { vm, region, change }) => t.s.consumers.find(c => c.name === vm)?.memslot?.(t, region, change),
  'serve-faults': t => serveFaults(t),
  await: (t, action) => awaitPage(t, known(pagesOf(t.s, action.page)[0], action.page)),
  age: (t, action) => age(t, ...rangeFor(t.s, action), action.idle === true),
  reclaim: (t, action) => reclaim(t, ...rangeFor(t.s, action)),
  writeback: (t, action) => writeback(t, ...rangeFor(t.s, action)),
  migrate: (t, action) => migrate(t, known(pagesOf(t.s, action.page)[0], action.page)),
  allocate: (t, action) => allocate(t, action.as),
  'sva-unbind': t => svaUnbind(t),
  'sva-bind': t => svaBind(t),
  register: (t, { subscriber }) => registerSubscriber(t, subscriberNamed(t.s, subscriber)),
  unregister: (t, { subscriber }) => unregisterSubscriber(t, subscriberNamed(t.s, subscriber)),
  put: (t, { subscriber }) => putSubscriber(t, subscriberNamed(t.s, subscriber)),
  exit: t => exitMmap(t),
}

const subscriberNamed = (s: Setup, name: string): Consumer =>
  known(
    s.consumers.find(c => c.name === name),
    name,
  )

/** Writes the program of one action of a CPU's script. */
export function writeAction(t: Task, action: CpuAction): void {
  t.asm.beginAction()
  const write = writers[action.do] as (t: Task, action: CpuAction) => void
  write(t, action)
}

/** Name of the call on a range, and its further argument. */
const CALLS = {
  munmap: ['munmap', ''],
  brk: ['brk', ''],
  'madvise-dontneed': ['madvise', ', MADV_DONTNEED'],
  'madvise-free': ['madvise', ', MADV_FREE'],
  mprotect: ['mprotect', ''],
  'numa-hint': ['NUMA hint', ''],
} as const
const PROTECTIONS = { r: ', PROT_READ', rw: ', PROT_READ | PROT_WRITE', none: ', PROT_NONE' } as const

interface InRegion {
  readonly region: string
  readonly first?: number
  readonly pages?: number
}

/** `buf[0]`, or `buf, pages 1 to 3`. */
function rangeText(action: InRegion, pages: (region: string) => number): string {
  const first = action.first ?? 0
  const last = first + (action.pages ?? pages(action.region) - first) - 1
  return first === last ? `${action.region}[${first}]` : `${action.region}, pages ${first} to ${last}`
}

/** How an action reads: `munmap(buf, 4)`. */
export function actionText(action: CpuAction, pages: (region: string) => number): string {
  switch (action.do) {
    case 'munmap':
    case 'brk':
    case 'madvise-dontneed':
    case 'madvise-free':
    case 'mprotect':
    case 'numa-hint': {
      const [name, how] = CALLS[action.do]
      const first = action.first ?? 0
      const count = action.pages ?? pages(action.region) - first
      const where = first === 0 ? action.region : `${action.region}+${first}`
      if ('through' in action && action.through !== undefined) return `${name}(${where} to ${action.through})`
      return `${name}(${where}, ${count}${action.do === 'mprotect' ? PROTECTIONS[action.to] : how})`
    }
    case 'clear-refs':
      return 'clear_refs'
    case 'oom-reap':
      return 'OOM reaper'
    case 'mremap':
      return `mremap(${action.region}, ${action.to}${action.wholeTables === true ? ', whole tables' : ''})`
    case 'truncate':
      return `truncate(${rangeText(action, pages)})`
    case 'uffd-unprotect': {
      const first = action.first ?? 0
      return `userfaultfd_writeprotect(${first === 0 ? action.region : `${action.region}+${first}`}, ${action.pages ?? pages(action.region) - first}, lift)`
    }
    case 'writeback':
    case 'age':
    case 'reclaim':
      return `${action.do} ${rangeText(action, pages)}`
    case 'migrate':
      return `migrate ${action.page}`
    case 'vfree':
      return `vfree(${action.region})`
    case 'driver-free':
      return `driver frees ${action.region}`
    case 'collapse':
      return `collapse ${action.region}`
    case 'retract':
      return `retract the page tables of ${action.region}`
    case 'thp-split':
      return `split ${action.region}`
    case 'gup-fast':
      return `${action.pin === true ? 'pin' : 'get'}_user_pages_fast(${action.page}${action.write === true ? ', write' : ''})`
    case 'switch-mm':
      return action.to === 'process' ? 'switch to another process and back' : 'run a kernel thread and come back'
    case 'mmap':
      return `mmap(${action.region}, ${pages(action.region)})`
    case 'read':
    case 'write':
    case 'await':
      return `${action.do} ${action.page}`
    case 'speculate':
      return `walk for ${action.page} on speculation`
    case 'allocate':
      return action.as === 'data' ? 'allocate a page' : 'allocate a page, write PTE-like bytes'
    case 'ksm-merge':
      return `ksmd merges ${action.page} and ${action.with}`
    case 'uprobe':
      return `set a breakpoint in ${action.page}`
    case 'serve-faults':
      return 'copy pages for faults of devices and guests'
    case 'uffd-move':
      return `UFFDIO_MOVE(${action.region} to ${action.to})`
    case 'memslot':
      return `${action.change} the memslot of ${action.region} in ${action.vm}`
    case 'register':
    case 'unregister':
    case 'put':
      return `${action.do} ${action.subscriber}`
    case 'fork':
      return 'fork()'
    case 'sva-unbind':
      return 'unbind the PASID'
    case 'sva-bind':
      return 'bind the PASID'
    case 'exit':
      return 'exit'
    default:
      return unreachable(action)
  }
}

export const regionNamed = (s: Setup, name: string): number => s.regions.findIndex(r => r.name === name)

/** Place of the page table of a region that has one for itself. */
function placeOf(s: Setup, name: string): TablePlace {
  const { first } = known(s.regions[regionNamed(s, name)], `region ${name}`)
  return ptePlaceOf(s.shape, first)
}

function rangeFor(
  s: Setup,
  action: {
    readonly region: string
    readonly first?: number
    readonly pages?: number
    readonly through?: string
  },
): [number, number] {
  const region = known(s.regions[regionNamed(s, action.region)], `region ${action.region}`)
  const lo = region.first + (action.first ?? 0)
  const { through } = action
  if (through !== undefined) return [lo, known(s.regions[regionNamed(s, through)], `region ${through}`).end]
  return [lo, action.pages === undefined ? region.end : lo + action.pages]
}

/** Page indices that `buf[2]` or `buf[any]` names. */
export function pagesOf(s: Setup, text: string): number[] {
  const match = /^(.+)\[(\d+|any)\]$/.exec(text)
  const region = s.regions[regionNamed(s, match?.[1] ?? '')]
  if (match === null || region === undefined) return []
  if (match[2] !== 'any') return [region.first + Number(match[2])]
  return Array.from({ length: region.end - region.first }, (_, i) => region.first + i)
}
