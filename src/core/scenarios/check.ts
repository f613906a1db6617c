import { nearest } from '../base/nearest.ts'
import type { Problem } from '../base/problem.ts'
import { readSchedule } from '../runs/schedule.ts'
import { checkConsumers, checkMemslot, consumerThreads } from './check-consumers.ts'
import { checkCopying, checkFork, checkMerge, checkOrder, checkZeroPage } from './check-copying.ts'
import { checkHuge } from './check-huge.ts'
import { checkMemory, type Note } from './check-memory.ts'
import { checkUffdMove } from './check-moves.ts'
import { checkPasids } from './check-pasids.ts'
import { checkReclaimed, regionOfPage } from './check-reclaim.ts'
import { checkSharedTables } from './check-shared-tables.ts'
import { checkSharing } from './check-sharing.ts'
import { checkSubscriber } from './check-subscribers.ts'
import { subscribersArePut } from './features-of.ts'
import type { CpuAction, CpuSpec, Region, Scenario } from './scenario.ts'

/** A schedule names an actor by one base-36 digit. */
const MOST_ACTORS = 36

/**
 * What is wrong with a scenario that has the right shape (worker/scenario-input.ts): how its parts fit each other. A scenario
 * without problems can be built and run under every policy.
 */
export function checkScenario(s: Scenario): Problem[] {
  const problems: Problem[] = []
  const note: Note = (at, message, mend) => void problems.push({ at, message, mend })
  if (hasControl(s.title)) note('title', 'it holds a line break or another control character', 'Write it on one line.')
  checkMemory(s.memory, note)
  checkSharing(s.memory.regions, note)
  checkHuge(s, note)
  checkSharedTables(s, note)
  checkCpus(s, note)
  checkDevices(s, note)
  checkCopying(s, note)
  checkZeroPage(s, note)
  checkFork(s, note)
  checkOrder(s, note)
  checkBreaks(s, note)
  return problems
}

function checkCpus(s: Scenario, note: Note): void {
  const { cpus } = s
  if (!cpus.some(cpu => cpu.task === 'app')) {
    note('cpus', 'no CPU runs the app', 'Give at least one CPU the task "app": its page table is the one in question.')
  }
  cpus.forEach((cpu, c) => {
    const at = `cpus[${c}]`
    const touches = cpu.script.some(a => a.do === 'read' || a.do === 'write' || a.do === 'await')
    if (touches && cpu.tlb === 0) {
      note(`${at}.tlb`, 'a CPU that reads or writes needs a TLB entry to get through', 'Write 1 or more.')
    }
    if (cpu.lazy === true && cpu.task !== 'app') {
      note(
        `${at}.lazy`,
        'only a CPU of the app can be lazy about the app’s mm',
        'Leave lazy out, or write the task "app".',
      )
    }
    if (cpu.lazy === true && cpu.script.some(a => a.do !== 'speculate')) {
      note(
        `${at}.script`,
        'a lazy CPU runs a kernel thread, not the app',
        'It can only "speculate". Or leave lazy out.',
      )
    }
    if (cpu.task === 'child' && !s.memory.regions.some(r => r.mm === 'child')) {
      note(`${at}.task`, 'the child has no memory', 'Give it a region with "mm": "child".')
    }
    cpu.script.forEach((action, i) => {
      checkAction(s, action, `${at}.script[${i}]`, note)
      checkTask(s, c, i, `${at}.script[${i}]`, note)
    })
  })
}

/** What kernel threads do. */
const FOR_KERNEL_THREADS: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'truncate',
  'driver-free',
  'ksm-merge',
  'uprobe',
  'serve-faults',
  'vfree',
  'reclaim',
  'age',
  'writeback',
  'migrate',
  'clear-refs',
  'oom-reap',
  'collapse',
  'retract',
  'thp-split',
])

const kernelMend = (): string => `It can ${[...FOR_KERNEL_THREADS].join(', ') || 'do nothing yet'}.`

/** A process acts on its own memory. */
function checkWhose(s: Scenario, cpu: CpuSpec, action: CpuAction, at: string, note: Note): void {
  if (cpu.task === 'kernel') return
  const name = 'region' in action ? action.region : 'page' in action ? action.page.replace(/\[.*$/, '') : undefined
  const region = s.memory.regions.find(r => r.name === name)
  const field = 'region' in action ? 'region' : 'page'
  if (region?.kind === 'kernel') {
    note(
      `${at}.${field}`,
      `${region.name} is the kernel’s`,
      'Name a region of its own; only a kernel thread can vfree it.',
    )
    return
  }
  if (region === undefined || (region.mm ?? 'app') === cpu.task) return
  note(
    `${at}.${field}`,
    `${region.name} lies in the ${region.mm ?? 'app'}, not in the ${cpu.task}`,
    'Name a region of its own.',
  )
}

/** Whether this CPU may do that at all. */
function checkTask(s: Scenario, c: number, i: number, at: string, note: Note): void {
  const cpu = s.cpus[c]
  const action = cpu?.script[i]
  if (cpu === undefined || action === undefined) return
  if (cpu.task === 'other') {
    const message = `the other process has no page table here, so it cannot ${action.do}`
    if (action.do !== 'allocate') note(`${at}.do`, message, 'It can only "allocate".')
    return
  }
  if (action.do === 'allocate') {
    note(`${at}.do`, 'allocate is what the other process does', 'Use "write": a fault allocates for the app.')
  }
  if (cpu.task === 'kernel' && !FOR_KERNEL_THREADS.has(action.do)) {
    note(`${at}.do`, `a kernel thread has no address space of its own, so it cannot ${action.do}`, kernelMend())
  }
  if (cpu.task !== 'kernel' && action.do === 'oom-reap')
    note(`${at}.do`, 'the OOM reaper is a kernel thread', 'Give it a CPU with the task "kernel".')
  if (cpu.task !== 'kernel' && action.do === 'age')
    note(`${at}.do`, 'kswapd and page_idle take no part in the process', 'Give it a CPU with the task "kernel".')
  checkWhose(s, cpu, action, at, note)
  if (action.do !== 'exit') return
  if (s.memory.regions.some(r => r.kind === 'kernel'))
    note(at, 'the kernel’s half outlives the process', 'Leave exit out, or the region of kind "kernel".')
  if (i < cpu.script.length - 1) note(at, 'nothing runs after exit', 'Make it the last action of the script.')
  if (s.cpus.some((other, o) => o !== c && other.task === 'app' && other.script.length > 0)) {
    note(at, 'the mm goes with its last thread, and another CPU still runs one', 'Leave the other app scripts empty.')
  }
}

function checkAction(s: Scenario, action: CpuAction, at: string, note: Note): void {
  switch (action.do) {
    case 'munmap':
    case 'brk':
    case 'madvise-dontneed':
    case 'uffd-unprotect':
    case 'reclaim':
    case 'age':
    case 'writeback':
    case 'madvise-free':
    case 'mprotect':
    case 'numa-hint':
    case 'truncate': {
      const region = regionFor(s, action.region, `${at}.region`, note)
      if (region === undefined) return
      if (action.do === 'writeback' && region.kind !== 'file')
        note(`${at}.region`, `${region.name} is no file`, 'Name a region of kind "file".')
      if (action.do === 'reclaim' || action.do === 'age') checkReclaimed(region, `${at}.region`, note)
      if (action.do === 'uffd-unprotect' && region.kind !== 'anon')
        note(`${at}.region`, `${region.name} is not anonymous`, 'Name a region of kind "anon".')
      if (action.do === 'truncate' && region.kind !== 'file')
        note(`${at}.region`, `${region.name} is no file`, 'Name a region of kind "file".')
      if (action.do === 'madvise-free' && region.kind !== 'anon')
        note(`${at}.region`, `${region.name} is not anonymous memory`, 'Name a region of kind "anon".')
      const first = action.first ?? 0
      const count = action.pages ?? region.pages - first
      const has = `${region.name} has pages 0 to ${region.pages - 1}`
      if (first >= region.pages) note(`${at}.first`, has, 'Begin at one of them.')
      else if (first + count > region.pages) {
        note(`${at}.pages`, has, `From page ${first} on, write ${region.pages - first} or less.`)
      }
      return
    }
    case 'mremap':
      checkMove(s, action, at, note)
      return
    case 'vfree': {
      const region = regionFor(s, action.region, `${at}.region`, note)
      if (region === undefined) return
      if (region.kind !== 'kernel')
        note(`${at}.region`, `${region.name} is not the kernel’s`, 'Name a region of kind "kernel".')
      else if (region.present !== 'all')
        note(`${at}.region`, `${region.name} has no page table yet`, 'Write "present": "all" there.')
      return
    }
    case 'driver-free': {
      const region = regionFor(s, action.region, `${at}.region`, note)
      if (region !== undefined && region.kind !== 'pfnmap')
        note(`${at}.region`, `${region.name} is not mapped by a driver`, 'Name a region of kind "pfnmap".')
      else if (region?.uncounted === true)
        note(
          `${at}.region`,
          `frames of ${region.name} are freed with the block that they lie in`,
          'Name another region.',
        )
      return
    }
    case 'mmap': {
      const region = regionFor(s, action.region, `${at}.region`, note)
      if (region !== undefined && region.unmapped !== true) {
        note(`${at}.region`, `${region.name} is there from the start`, 'Map a region that has "unmapped": true.')
      }
      return
    }
    case 'uffd-move':
      checkUffdMove(s, action, at, note)
      return
    case 'register':
    case 'unregister':
    case 'put':
      checkSubscriber(s, action, at, note)
      return
    case 'memslot':
      checkMemslot(s, action, at, note)
      return
    case 'uprobe':
      checkProbe(s, action.page, `${at}.page`, note)
      return
    case 'migrate':
      checkMigrated(s, action.page, `${at}.page`, note)
      return
    case 'retract':
      checkRetract(s, action.region, at, note)
      return
    case 'collapse':
    case 'thp-split':
      regionFor(s, action.region, `${at}.region`, note)
      return
    case 'gup-fast':
      checkPage(s, action.page, false, `${at}.page`, note)
      return
    case 'read':
    case 'write':
    case 'await':
    case 'speculate':
      checkPage(s, action.page, false, `${at}.page`, note)
      return
    case 'ksm-merge':
      checkPage(s, action.page, false, `${at}.page`, note)
      checkPage(s, action.with, false, `${at}.with`, note)
      checkMerge(s, action, at, note)
      return
    case 'sva-bind':
    case 'sva-unbind':
    case 'switch-mm':
    case 'serve-faults':
    case 'fork':
    case 'allocate':
    case 'clear-refs':
    case 'oom-reap':
    case 'exit':
  }
}

/** Pages move to a region that is not there yet, of the same size and kind, and at the same places in its tables. */
function checkMove(s: Scenario, action: Extract<CpuAction, { readonly do: 'mremap' }>, at: string, note: Note): void {
  const from = regionFor(s, action.region, `${at}.region`, note)
  const to = regionFor(s, action.to, `${at}.to`, note)
  if (from === undefined || to === undefined) return
  if (to.unmapped !== true)
    note(`${at}.to`, `${to.name} is there from the start`, 'Move to a region that has "unmapped": true.')
  if (to.pages !== from.pages || to.kind !== from.kind || (to.mm ?? 'app') !== (from.mm ?? 'app'))
    note(`${at}.to`, `${to.name} is not like ${from.name}`, `Give it kind "${from.kind}" and ${from.pages} pages.`)
  if (to.kind !== 'anon' && to.sharesWith !== (from.sharesWith ?? from.name))
    note(`${at}.to`, `${to.name} is of another file`, `Write "sharesWith": "${from.sharesWith ?? from.name}".`)
  const inTable = (region: Region): bigint => firstPageOf(region) % TABLE
  if (inTable(from) !== inTable(to))
    note(
      `${at}.to`,
      'its first page lies at another place in its page table',
      'Choose an address with the same lowest 21 bits.',
    )
  if (action.wholeTables !== true) return
  for (const region of [from, to]) checkWholeTables(s, region, `${at}.wholeTables`, note)
}

/** Page tables of a file are taken out wherever it is mapped. */
function checkRetract(s: Scenario, name: string, at: string, note: Note): void {
  const region = regionFor(s, name, `${at}.region`, note)
  if (region === undefined) return
  if (region.kind !== 'file') note(`${at}.region`, `${region.name} is no file`, 'Name a region of kind "file".')
  const file = region.sharesWith ?? region.name
  for (const other of s.memory.regions) {
    if (other.name === file || other.sharesWith === file) checkWholeTables(s, other, `${at}.region`, note)
  }
}

/** The region has its page tables for itself, from the first page on. */
function checkWholeTables(s: Scenario, region: Region, at: string, note: Note): void {
  if (firstPageOf(region) % TABLE !== 0n)
    note(at, `${region.name} begins inside a page table`, 'Choose an address that is a multiple of 2 MiB.')
  const other = s.memory.regions.find(r => r !== region && tablesMeet(r, region))
  if (other !== undefined) note(at, `${other.name} lies in a page table of ${region.name}`, 'Give it another address.')
}

/** Pages that one PTE table translates. */
const TABLE = 512n

const firstPageOf = ({ at }: Region): bigint => (/^0x[0-9a-f]{1,16}$/i.test(at) ? BigInt(at) >> 12n : 0n)

/** Pages of both lie in one PTE table. */
function tablesMeet(a: Region, b: Region): boolean {
  const [first, last] = [a, b].map(r => firstPageOf(r) / TABLE) as [bigint, bigint]
  const end = (r: Region): bigint => (firstPageOf(r) + BigInt(r.pages) - 1n) / TABLE
  return (a.mm ?? 'app') === (b.mm ?? 'app') && first <= end(b) && last <= end(a)
}

function checkDevices(s: Scenario, note: Note): void {
  // Timeline lanes go by name, so a device must not be called what another lane is.
  const taken = new Set(['IOMMU', 'RCU', ...s.cpus.map((_, c) => `CPU ${c}`)])
  s.devices.forEach((device, d) => {
    const at = `devices[${d}]`
    if (hasControl(device.name)) note(`${at}.name`, 'it holds a control character', 'Write it on one line.')
    if (taken.has(device.name)) note(`${at}.name`, `“${device.name}” is taken`, 'Give each device a name of its own.')
    taken.add(device.name)
    device.script.forEach((action, i) => {
      checkPage(s, action.page, true, `${at}.script[${i}].page`, note)
    })
  })
  checkPasids(s, note)
  checkConsumers(s, taken, note)
  const commands = 1 + s.devices.filter(d => d.ats !== undefined).length
  if (s.iommu.queue < commands && commands > 1) {
    const what = `one flush is ${commands} commands here, for the IOTLB and for each ATC`
    note('iommu.queue', what, `Write ${commands} or more.`)
  }
  if (s.iommu.iotlb === 0 && s.devices.some(d => d.script.length > 0)) {
    note('iommu.iotlb', 'devices need an IOTLB entry to get through', 'Write 1 or more.')
  }
  const actors = mostActors(s)
  if (actors > MOST_ACTORS)
    note('cpus', `${actors} actors are too many`, `Leave CPUs or devices out: ${MOST_ACTORS} fit.`)
}

/** Everyone who can move under some policy: see actorsOf in build.ts. */
function mostActors(s: Scenario): number {
  const interrupted = s.cpus.filter(cpu => cpu.task === 'app' || cpu.task === 'child').length
  const serve = s.iommu.pageRequests === undefined ? 2 : 3
  const iommu = s.devices.length > 0 ? serve + s.devices.filter(d => d.ats !== undefined).length : 0
  const rcu = subscribersArePut(s) ? 2 : 1
  return s.cpus.length + s.devices.length + iommu + (s.cpus.length > 1 ? interrupted : 0) + rcu + consumerThreads(s)
}

function checkBreaks(s: Scenario, note: Note): void {
  const actors = mostActors(s)
  s.breaks.forEach((b, i) => {
    if (b.schedule === undefined) return
    const at = `breaks[${i}].schedule`
    const { steps, problem } = readSchedule(b.schedule, at)
    if (problem !== null) note(problem.at, problem.message, problem.mend)
    const stranger = steps.findIndex(step => step.actor >= actors)
    if (stranger >= 0) note(`${at} step ${stranger + 1}`, 'there is no such actor', `Actors are 0 to ${actors - 1}.`)
  })
}

function checkMigrated(s: Scenario, page: string, at: string, note: Note): void {
  checkPage(s, page, false, at, note)
  const region = regionOfPage(s.memory.regions, page)
  if (region !== undefined && region.kind !== 'anon')
    note(at, `${region.name} is not anonymous`, 'Name a page of a region of kind "anon".')
}

/** valid_vma() of uprobes: a private mapping of a file, not to be written. */
function checkProbe(s: Scenario, page: string, at: string, note: Note): void {
  checkPage(s, page, false, at, note)
  const region = regionOfPage(s.memory.regions, page)
  if (region !== undefined && (region.kind !== 'file' || region.protection !== 'r' || region.mm !== undefined))
    note(at, `no breakpoint can be set in ${region.name}`, 'Name a page of a file of the app with the protection "r".')
}

/** `buf[3]`; for devices also `buf[any]`. */
function checkPage(s: Scenario, text: string, any: boolean, at: string, note: Note): void {
  const match = /^([^[\]]*)\[(0|[1-9]\d*|any)\]$/.exec(text)
  if (match === null) {
    note(at, 'this names no page', `Write a region and a page in it: buf[0]${any ? ', or buf[any]' : ''}.`)
    return
  }
  const region = regionFor(s, match[1] ?? '', at, note)
  if (region === undefined) return
  if (match[2] === 'any') {
    if (!any) note(at, 'only a device can choose a page as it goes', `Write a page: ${region.name}[0].`)
  } else if (Number(match[2]) >= region.pages) {
    note(at, `${region.name} has pages 0 to ${region.pages - 1}`, 'Name one of them.')
  }
}

function regionFor(s: Scenario, name: string, at: string, note: Note): Region | undefined {
  const region = s.memory.regions.find(r => r.name === name)
  if (region !== undefined) return region
  const names = s.memory.regions.map(r => r.name)
  const meant = nearest(name, names)
  const mend = meant === undefined ? `Regions are ${names.join(', ')}.` : `Did you mean “${meant}”?`
  note(at, `there is no region “${name.length <= 40 ? name : `${name.slice(0, 39)}…`}”`, mend)
  return undefined
}

/** Names stand in tables, lanes and exports, each on one line. */
const hasControl = (text: string): boolean => [...text].some(c => c < ' ' || (c >= '\u007f' && c <= '\u009f'))
