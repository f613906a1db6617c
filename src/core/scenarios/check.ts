import { unreachable } from '../base/assert.ts'
import type { Problem } from '../base/problem.ts'
import { readSchedule } from '../runs/schedule.ts'
import { checkConsumers, checkMemslot, consumerThreads } from './check-consumers.ts'
import { checkCopying, checkFork, checkMerge, checkOrder, checkZeroPage } from './check-copying.ts'
import { checkHuge } from './check-huge.ts'
import { checkMemory, type Note } from './check-memory.ts'
import { checkMove, checkRetract, checkUffdMove } from './check-moves.ts'
import { checkPasids } from './check-pasids.ts'
import { checkPage, hasControl, regionFor } from './check-places.ts'
import { checkReclaimed, regionOfPage } from './check-reclaim.ts'
import { checkSharedTables } from './check-shared-tables.ts'
import { checkSharing } from './check-sharing.ts'
import { checkSubscriber } from './check-subscribers.ts'
import { checkTask } from './check-tasks.ts'
import { subscribersArePut } from './features-of.ts'
import type { CpuAction, Region, Scenario } from './scenario.ts'

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
      if ('through' in action && action.through !== undefined) checkThrough(s, region, action, at, note)
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
      return
    default:
      unreachable(action)
  }
}

/** munmap() of more than one VMA: from a region up to and with another that lies above it. */
function checkThrough(
  s: Scenario,
  from: Region,
  { through = '', pages }: { readonly through?: string; readonly pages?: number },
  at: string,
  note: Note,
): void {
  const to = regionFor(s, through, `${at}.through`, note)
  if (pages !== undefined) note(`${at}.pages`, `the range ends with ${through}`, 'Leave out pages, or through.')
  if (to === undefined) return
  if (to.mm !== from.mm || to.kind === 'kernel')
    note(`${at}.through`, `${to.name} is not in the address space of ${from.name}`, 'Name a region of the same.')
  else if (isAddress(to.at) && isAddress(from.at) && BigInt(to.at) < BigInt(from.at))
    note(`${at}.through`, `${to.name} lies below ${from.name}`, 'Name a region above it.')
}

const isAddress = (at: string): boolean => /^0x[0-9a-f]{1,16}$/i.test(at)

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
