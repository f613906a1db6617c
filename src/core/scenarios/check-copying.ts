import { MOST_ORDERED_PAGES } from '../machine/observations.ts'
import type { Note } from './check-memory.ts'
import { featuresOf } from './features-of.ts'
import type { CpuAction, Scenario } from './scenario.ts'

/** Page of `buf[0]`: its region. */
const regionName = (page: string): string => page.replace(/\[.*$/, '')

/**
 * Where pages are copied on write, the fault of a device or of a guest may have to copy one, in more than one step: some CPU must do that
 * for them. Drivers of GPUs only take what is there.
 */
export function checkCopying(s: Scenario, note: Note): void {
  const serving = s.cpus.flatMap((cpu, c) =>
    cpu.script.flatMap((a, i) => (a.do === 'serve-faults' ? [{ cpu, at: `cpus[${c}].script[${i}].do` }] : [])),
  )
  for (const [i, { cpu, at }] of serving.entries()) {
    if (i > 0) note(at, 'another CPU serves faults already', 'Leave it out.')
    if (cpu.task !== 'kernel')
      note(at, 'faults of devices are handled by a kernel thread', 'Give this CPU the task "kernel".')
  }
  if (!featuresOf(s).copyOnWrite) {
    for (const { at } of serving)
      note(at, 'no page is copied on write here', 'Leave it out, or let somebody share pages.')
    return
  }
  const mend = 'Give a CPU of the task "kernel" the action "serve-faults", let it read, or write to a file.'
  const anon = new Set(s.memory.regions.filter(r => r.kind === 'anon').map(r => r.name))
  const writes = (action: { readonly do: string; readonly page?: string }): boolean =>
    action.do === 'write' && anon.has(regionName(action.page ?? ''))
  const unserved = (at: string, what: string): void => {
    if (serving.length === 0) note(at, `${what} could have to copy the page, which takes a CPU`, mend)
  }
  for (const [d, { script }] of s.devices.entries())
    for (const [i, action] of script.entries())
      if (writes(action)) unserved(`devices[${d}].script[${i}].do`, 'a device’s write')
  for (const [c, consumer] of (s.consumers ?? []).entries()) {
    const at = `consumers[${c}]`
    if (consumer.kind === 'gpu')
      note(at, 'the driver of a GPU takes pages without copying them here', 'Leave it out, or the shared memory.')
    else if (consumer.kind === 'kvm') {
      const all = consumer.vcpus.flatMap(({ script }) => script)
      if (all.some(writes) || consumer.pfnCache !== undefined) unserved(at, 'a guest’s write')
    } else if (consumer.script.some(writes)) unserved(at, 'a device’s write')
  }
}

/** What knows that an anonymous page may be the zero page, which is on no list and has no count. */
const WITH_ZERO_PAGE: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'munmap',
  'brk',
  'madvise-dontneed',
  'mmap',
  'mremap',
  'read',
  'write',
  'await',
  'speculate',
  'allocate',
  'fork',
  'ksm-merge',
  'uprobe',
  'truncate',
  'memslot',
  'serve-faults',
  'exit',
])

/** The zero page is mapped by small entries, and left alone by who works on pages of lists. */
export function checkZeroPage(s: Scenario, note: Note): void {
  if (s.memory.zeroPage !== true) return
  for (const [c, { script }] of s.cpus.entries())
    for (const [i, action] of script.entries())
      if (!WITH_ZERO_PAGE.has(action.do))
        note(
          `cpus[${c}].script[${i}].do`,
          `${action.do} does not know the zero page here`,
          `Leave zeroPage out. With it CPUs can ${[...WITH_ZERO_PAGE].join(', ')}.`,
        )
  for (const [r, region] of s.memory.regions.entries())
    if (region.huge === true || region.sharesTable !== undefined)
      note(`memory.regions[${r}]`, 'there is no huge zero page here', 'Leave zeroPage out, or the huge pages.')
}

/** One fork, by the app, of regions of the child that are not there before. */
export function checkFork(s: Scenario, note: Note): void {
  const forks = s.cpus.flatMap((cpu, c) =>
    cpu.script.flatMap((a, i) => (a.do === 'fork' ? [{ task: cpu.task, at: `cpus[${c}].script[${i}].do` }] : [])),
  )
  forks.forEach(({ task, at }, i) => {
    if (i > 0) note(at, 'there is one child, and it has been born', 'Fork once.')
    if (task === 'child') note(at, 'the child does not fork here', 'Let the app do it.')
  })
  if (forks.length === 0) return
  if (!s.memory.regions.some(r => r.mm === 'child'))
    note('memory.regions', 'the child that is forked has no memory', 'Add a region with "mm": "child".')
  s.memory.regions.forEach((region, r) => {
    if (region.mm !== 'child') return
    if (region.unmapped !== true)
      note(`memory.regions[${r}].unmapped`, 'the child is not there before fork', 'Write true.')
    if (region.kind !== 'anon' || region.sharesWith === undefined)
      note(`memory.regions[${r}].sharesWith`, 'a child gets anonymous pages of its parent', 'Name a region of the app.')
  })
}

/** ksmd takes two anonymous pages of the app, and is a kernel thread. */
export function checkMerge(
  s: Scenario,
  action: Extract<CpuAction, { readonly do: 'ksm-merge' }>,
  at: string,
  note: Note,
): void {
  if (action.page === action.with) note(`${at}.with`, 'a page is not merged with itself', 'Name another page.')
  for (const field of ['page', 'with'] as const) {
    const region = s.memory.regions.find(r => r.name === regionName(action[field]))
    if (region === undefined || (region.kind === 'anon' && region.mm === undefined)) continue
    note(`${at}.${field}`, `${region.name} is no anonymous memory of the app`, 'Name a page of such a region.')
  }
  const by = Number(/^cpus\[(\d+)\]/.exec(at)?.[1])
  if (s.cpus[by]?.task !== 'kernel') note(`${at}.do`, 'ksmd is a kernel thread', 'Give this CPU the task "kernel".')
}

/** What may happen where order is kept count of: nothing that makes a page old again. */
const ORDERED: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'read',
  'write',
  'await',
  'allocate',
  'fork',
  'uprobe',
])

/** The account of order has a bit for each page, and knows of pages that are written, and copied, alone. */
export function checkOrder(s: Scenario, note: Note): void {
  if (!featuresOf(s).observations) return
  const pages = s.memory.regions.reduce((sum, r) => sum + r.pages, 0)
  if (pages > MOST_ORDERED_PAGES)
    note('accounts', `the order of writes to ${pages} pages is too much`, `Make do with ${MOST_ORDERED_PAGES}.`)
  if (s.consumers !== undefined && s.consumers.length > 0)
    note('accounts', 'what guests see is not kept count of', 'Leave consumers out, or "order".')
  s.cpus.forEach((cpu, c) => {
    cpu.script.forEach((action, i) => {
      if (ORDERED.has(action.do)) return
      const at = `cpus[${c}].script[${i}].do`
      note(at, `after ${action.do} a page may be old again`, `With "order" CPUs can ${[...ORDERED].join(', ')}.`)
    })
  })
}
