import { known } from '../../base/assert.ts'
import { holderName } from '../../kernel/task.ts'
import { add, get, type Machine, set } from '../../machine/cells.ts'
import { noteAccess } from '../../machine/damage.ts'
import { putPage } from '../../machine/frames.ts'
import { gpuHolder, lockGpu } from '../../machine/gpu.ts'
import { devAllows, deviceHolds, devPfn, devWritable, mkDevPte } from '../../machine/mirror.ts'
import { pteAt, ptePfn, ptePresent } from '../../machine/page-table.ts'
import { pageLabel, pageVpn, type Setup, toPfn } from '../../machine/setup.ts'
import type { OpSpec, ProgramBuilder } from '../../threads/program.ts'
import type { Consumer, ConsumerThread } from '../consumer.ts'
import { listedFacts, waitForRegistration } from '../late.ts'
import type { ConsumerPicture, PictureThread } from '../picture.ts'
import { Steps } from '../steps.ts'
import { clearGpuPtes, type Gpu, type GpuFacts, intelGtInvalidateTlbs, lockBlocked, lockFree, who } from './device.ts'
import { userptrStart } from './userptr.ts'

export const gpuThreads = ({ name }: { readonly name: string }): readonly string[] => [
  `${name} driver`,
  `${name} engine`,
]

/**
 * A GPU with page tables of its own whose driver keeps references to the pages in them, and gives them back itself: no notifier has to
 * do with it. What it must do by itself is what the mm does for others: flush the GPU's TLB before the last reference goes (B32). A driver
 * of user pointers has subscribed all the same, to give pages back when the process wants to be rid of them (userptr.ts).
 *
 * Kernel: __i915_gem_object_unset_pages() drivers/gpu/drm/i915/gem/i915_gem_pages.c, intel_gt_invalidate_tlbs()
 * drivers/gpu/drm/i915/gt/intel_gt.c, seen in patches made after the fix.
 * Simplified: an object is one page of the app, pinned; the driver does not wait for the GPU to be idle, since the next batch of another
 * context would find the same TLB; a GPU access that finds no entry is left undone.
 */
export function gpuConsumer(s: Setup, facts: GpuFacts): Consumer {
  const v: Gpu = {
    s,
    facts,
    k: known(s.shape.gpus[facts.gpu], facts.name),
    holder: s.cpus.length + 2 + facts.firstThread,
  }
  const [driverName = '', engineName = ''] = gpuThreads(facts)
  const steps = [new Steps(), new Steps()]
  const lengths = [0, 0]
  const thread = (
    i: number,
    name: string,
    script: readonly unknown[],
    write: (asm: ProgramBuilder, steps: Steps) => void,
  ): ConsumerThread => ({
    name,
    kind: 'driver',
    pc: known(v.k.threads[i], name).pc,
    write: asm => {
      const own = new Steps()
      if (facts.late)
        waitForRegistration(s, asm, facts.consumer, { fn: 'ioctl', file: 'driver', label: 'begin to work' })
      write(asm, own)
      steps[i] = own
      lengths[i] = asm.here
    },
    accesses: () => known(steps[i], name).accesses(script),
  })
  return {
    name: facts.name,
    subscribed: facts.userptr ? 'list' : 'none',
    ...(facts.userptr
      ? {
          refuses: true,
          start: (t, call) => userptrStart(v, t, call),
          release: t => userptrStart(v, t, { reason: 'RELEASE', lo: 0, hi: s.vpns.length }),
          idle: m => v.k.threads.every(({ pc }, i) => get(m, pc, 0) >= known(lengths[i], 'program')),
        }
      : {}),
    threads: [
      thread(0, driverName, facts.driver, (asm, own) => {
        for (const action of facts.driver) {
          own.nextAccess(asm)
          if (action.do === 'bind') bind(v, asm, own, action.page)
          else release(v, asm, own, action.page)
        }
      }),
      thread(1, engineName, facts.script, (asm, own) => {
        for (const access of facts.script) {
          own.nextAccess(asm)
          own.at(asm, 'access')
          engineAccess(v, asm, access)
        }
      }),
    ],
    holds: (m, pfn) => {
      const what = deviceHolds(v.k, m, pfn)
      return what === '' ? '' : `a ${what} of ${facts.name}`
    },
    picture: m => picture(v, steps, lengths, m),
  }
}

/** Where start() touches the pages too, a mutex keeps it and the driver's thread apart. */
const mutex = (v: Gpu): Pick<OpSpec, 'needs' | 'blocked'> =>
  v.facts.userptr ? { needs: [lockFree(v)], blocked: lockBlocked(v) } : {}

const BIND_STEPS = ['pin', 'make the PTE'] as const
const RELEASE_STEPS = ['clear the PTE', 'flush the TLB', 'unpin'] as const

function bind(v: Gpu, asm: ProgramBuilder, steps: Steps, page: number): void {
  const { s, k } = v
  const label = pageLabel(s, page)
  const free = (m: Machine): boolean => get(m, k.held, page) === 0 && ptePresent(pteAt(s.shape, m, page))
  const done = asm.label()
  steps.at(asm, 'pin')
  asm.op({
    fn: 'pin_user_pages_fast',
    file: 'mm/gup.c',
    label: m => (free(m) ? `pin the frame of ${label}` : `find nothing to pin at ${label}`),
    why: 'The reference keeps the frame from being freed, whatever becomes of the mapping.',
    ...mutex(v),
    run: (m, emit, next) => {
      if (!free(m)) return done.at
      lockGpu(k, m, v.holder)
      const pte = pteAt(s.shape, m, page)
      const pfn = ptePfn(pte)
      set(m, k.held, page, pfn + 1)
      add(m, s.shape.refcount, pfn, 1)
      const count = get(m, s.shape.refcount, pfn)
      emit?.({ type: 'pages-pinned', ...who(v), vpn: pageVpn(s, page), pfn: toPfn(pfn), count })
      return next
    },
    goes: ['next', done],
  })
  steps.at(asm, 'make the PTE')
  asm.op({
    fn: 'i915_vma_bind',
    file: 'drivers/gpu/drm/i915/i915_vma.c',
    label: `make the GPU’s PTE of ${label}`,
    why: 'From here on the GPU may read it into its TLB at any time.',
    run: (m, emit, next) => {
      const pfn = get(m, k.held, page) - 1
      set(m, k.pte, page, mkDevPte(pfn, true))
      const at = { vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: true }
      emit?.({ type: 'shadow-entry-set', ...who(v), what: 'GPU PTE', ...at })
      lockGpu(k, m, 0)
      return next
    },
  })
  asm.place(done)
}

function release(v: Gpu, asm: ProgramBuilder, steps: Steps, page: number): void {
  const { s, k } = v
  const label = pageLabel(s, page)
  const done = asm.label()
  asm.within('__i915_gem_object_unset_pages', () => {
    steps.at(asm, 'clear the PTE')
    asm.op({
      fn: 'i915_vma_unbind',
      file: 'drivers/gpu/drm/i915/i915_vma.c',
      label: m => (get(m, k.held, page) === 0 ? `find nothing bound at ${label}` : `clear the GPU’s PTE of ${label}`),
      why: 'A GPU walks its page table only on a miss. What its TLB has it keeps.',
      ...mutex(v),
      run: (m, emit, next) => {
        if (get(m, k.held, page) === 0) return done.at
        lockGpu(k, m, v.holder)
        clearGpuPtes(v, m, page, page + 1, emit)
        return next
      },
      goes: ['next', done],
    })
    if (s.policy.driverFlushBeforePut) flush()
    steps.at(asm, 'unpin')
    asm.op({
      fn: 'unpin_user_page',
      file: 'mm/gup.c',
      label: `give up the frame of ${label}`,
      why: 'If the process has unmapped it, this was the last reference: the frame is free, and somebody else’s next.',
      run: (m, emit, next) => {
        const pfn = get(m, k.held, page) - 1
        set(m, k.held, page, 0)
        putPage(s, m, pfn, emit)
        lockGpu(k, m, 0)
        return next
      },
    })
  })
  asm.place(done)

  function flush(): void {
    steps.at(asm, 'flush the TLB')
    intelGtInvalidateTlbs(v, asm)
  }
}

function engineAccess(v: Gpu, asm: ProgramBuilder, { page, write }: GpuFacts['script'][number]): void {
  const { s, facts, k } = v
  const label = pageLabel(s, page)
  const verb = write ? 'write' : 'read'
  const writer = s.cpus.length + s.devices.length + 1 + facts.firstThread + 1
  const through = (m: Machine): { readonly entry: number; readonly what: string } | undefined => {
    const cached = get(m, k.tlb, page)
    if (devAllows(cached, write)) return { entry: cached, what: 'the GPU’s TLB' }
    const entry = get(m, k.pte, page)
    return devAllows(entry, write) ? { entry, what: 'its page table' } : undefined
  }
  asm.op({
    fn: write ? 'GPU store' : 'GPU load',
    file: 'hardware',
    label: m => {
      const way = through(m)
      return way === undefined ? `find ${label} not bound` : `${verb} ${label} through ${way.what}`
    },
    why: 'The GPU’s TLB is asked first, then its page table. The process’s page table is never asked.',
    run: (m, emit, next) => {
      const way = through(m)
      const vpn = pageVpn(s, page)
      if (way === undefined) {
        emit?.({ type: 'device-faulted', ...who(v), vpn, why: 'nothing is bound there, the access is left undone' })
        return next
      }
      set(m, k.tlb, page, way.entry)
      const pfn = devPfn(way.entry)
      const by = { kind: 'consumer', index: facts.consumer } as const
      emit?.({ type: 'guest-accessed', ...who(v), by, vpn, pfn: toPfn(pfn), write, through: way.what })
      noteAccess(s, m, by, page, pfn, write, writer, emit)
      return next
    },
  })
}

function picture(v: Gpu, steps: readonly Steps[], lengths: readonly number[], m: Machine): ConsumerPicture {
  const { s, facts, k } = v
  const pages = [...new Set([...facts.driver, ...facts.script].map(a => a.page))].sort((a, b) => a - b)
  const entry = (page: number, cell: number) => ({
    page,
    tag: pageLabel(s, page),
    pfn: devPfn(cell),
    writable: devWritable(cell),
  })
  return {
    kind: 'GPU',
    what: facts.userptr
      ? 'page table of its own, pages held by reference until start()'
      : 'page table of its own, pages held by reference',
    facts: facts.userptr
      ? [
          {
            name: 'mutex of its driver',
            short: 'mutex',
            value: gpuHolder(k, m) === 0 ? 'free' : holderName(s, gpuHolder(k, m)),
            busy: gpuHolder(k, m) !== 0,
          },
          ...listedFacts(s, facts.consumer, m),
        ]
      : [],
    lists: [
      { title: 'GPU PTEs', entries: pages.map(page => entry(page, get(m, k.pte, page))) },
      { title: 'GPU TLB', entries: pages.map(page => entry(page, get(m, k.tlb, page))) },
      { title: 'pinned frames', entries: pages.map(page => entry(page, (get(m, k.held, page) << 1) | 1)) },
    ],
    threads: gpuThreads(facts).map((name, i) => threadPicture(v, name, i, steps[i], lengths[i] ?? 0, m)),
  }
}

function threadPicture(
  { s, facts, k }: Gpu,
  name: string,
  i: number,
  steps: Steps | undefined,
  length: number,
  m: Machine,
): PictureThread {
  const pc = k.threads[i]?.pc
  const at = pc === undefined ? undefined : steps?.of(get(m, pc, 0), length)
  if (at === undefined)
    return { name, doing: pc !== undefined && get(m, pc, 0) < length ? 'not opened yet' : 'script done', steps: [] }
  const action = i === 0 ? facts.driver[at.access] : undefined
  const access = i === 1 ? facts.script[at.access] : undefined
  const verb = action?.do ?? (access?.write === true ? 'write' : 'read')
  const page = action?.page ?? access?.page
  const all: readonly string[] =
    action === undefined
      ? ['access']
      : action.do === 'bind'
        ? BIND_STEPS
        : RELEASE_STEPS.filter(step => s.policy.driverFlushBeforePut || step !== 'flush the TLB')
  const now = all.indexOf(at.step)
  const count = (i === 0 ? facts.driver : facts.script).length
  return {
    name,
    doing: `${at.access + 1}/${count} ${verb} ${page === undefined ? '' : pageLabel(s, page)}`,
    steps: all.map((text, n) => ({ text, state: n < now ? 'done' : n === now ? 'current' : 'ahead', note: '' })),
  }
}
