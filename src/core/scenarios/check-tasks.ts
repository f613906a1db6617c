import type { Note } from './check-memory.ts'
import type { CpuAction, CpuSpec, Scenario } from './scenario.ts'

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
export function checkTask(s: Scenario, c: number, i: number, at: string, note: Note): void {
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
