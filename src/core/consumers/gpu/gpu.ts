import { known } from '../../base/assert.ts'
import { add, get, type Machine, set } from '../../machine/cells.ts'
import { noteAccess } from '../../machine/damage.ts'
import { putPage } from '../../machine/frames.ts'
import type { GpuColumns } from '../../machine/gpu.ts'
import { devAllows, deviceHolds, devPfn, devWritable, mkDevPte } from '../../machine/mirror.ts'
import { pteAt, ptePfn, ptePresent } from '../../machine/page-table.ts'
import { pageLabel, pageVpn, type Setup, toPfn } from '../../machine/setup.ts'
import { omitting, type ProgramBuilder } from '../../threads/program.ts'
import type { Consumer, ConsumerThread } from '../consumer.ts'
import type { ConsumerPicture, PictureThread } from '../picture.ts'
import { Steps } from '../steps.ts'

/** One GPU as its scenario has it, with names resolved to page indices. */
export interface GpuFacts {
  readonly name: string
  /** Its number among the consumers, and among the GPUs. */
  readonly consumer: number
  readonly gpu: number
  readonly firstThread: number
  /** What its driver does with pages, and what the GPU does. */
  readonly driver: readonly { readonly do: 'bind' | 'release'; readonly page: number }[]
  readonly script: readonly { readonly page: number; readonly write: boolean }[]
}

interface Gpu {
  readonly s: Setup
  readonly facts: GpuFacts
  readonly k: GpuColumns
}

const who = ({ facts }: Gpu) => ({ consumer: facts.consumer, who: facts.name })

export const gpuThreads = ({ name }: { readonly name: string }): readonly string[] => [
  `${name} driver`,
  `${name} engine`,
]

/**
 * A GPU with page tables of its own whose driver keeps references to the pages in them, and gives them back itself: no notifier has to
 * do with it. What it must do by itself is what the mm does for others: flush the GPU's TLB before the last reference goes (B32).
 *
 * Kernel: __i915_gem_object_unset_pages() drivers/gpu/drm/i915/gem/i915_gem_pages.c, intel_gt_invalidate_tlbs()
 * drivers/gpu/drm/i915/gt/intel_gt.c, seen in patches made after the fix.
 * Simplified: an object is one page of the app, pinned; the driver does not wait for the GPU to be idle, since the next batch of another
 * context would find the same TLB; a GPU access that finds no entry is left undone.
 */
export function gpuConsumer(s: Setup, facts: GpuFacts): Consumer {
  const v: Gpu = { s, facts, k: known(s.shape.gpus[facts.gpu], facts.name) }
  const [driverName = '', engineName = ''] = gpuThreads(facts)
  const steps = [new Steps(), new Steps()]
  const lengths = [0, 0]
  const thread = (i: number, name: string, write: (asm: ProgramBuilder, steps: Steps) => void): ConsumerThread => ({
    name,
    kind: 'driver',
    pc: known(v.k.threads[i], name).pc,
    write: asm => {
      const own = new Steps()
      write(asm, own)
      steps[i] = own
      lengths[i] = asm.here
    },
  })
  return {
    name: facts.name,
    subscribed: 'none',
    threads: [
      thread(0, driverName, (asm, own) => {
        for (const action of facts.driver) {
          own.nextAccess()
          if (action.do === 'bind') bind(v, asm, own, action.page)
          else release(v, asm, own, action.page)
        }
      }),
      thread(1, engineName, (asm, own) => {
        for (const access of facts.script) {
          own.nextAccess()
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

const BIND_STEPS = ['pin', 'make the PTE'] as const
const RELEASE_STEPS = ['clear the PTE', 'flush the TLB', 'unpin'] as const

function bind({ s, facts, k }: Gpu, asm: ProgramBuilder, steps: Steps, page: number): void {
  const of = { consumer: facts.consumer, who: facts.name }
  const label = pageLabel(s, page)
  const free = (m: Machine): boolean => get(m, k.held, page) === 0 && ptePresent(pteAt(s.shape, m, page))
  const done = asm.label()
  steps.at(asm, 'pin')
  asm.op({
    fn: 'pin_user_pages_fast',
    file: 'mm/gup.c',
    label: m => (free(m) ? `pin the frame of ${label}` : `find nothing to pin at ${label}`),
    why: 'The reference keeps the frame from being freed, whatever becomes of the mapping.',
    run: (m, emit, next) => {
      if (!free(m)) return done.at
      const pte = pteAt(s.shape, m, page)
      const pfn = ptePfn(pte)
      set(m, k.held, page, pfn + 1)
      add(m, s.shape.refcount, pfn, 1)
      const count = get(m, s.shape.refcount, pfn)
      emit?.({ type: 'pages-pinned', ...of, vpn: pageVpn(s, page), pfn: toPfn(pfn), count })
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
      emit?.({ type: 'shadow-entry-set', ...of, what: 'GPU PTE', ...at })
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
      run: (m, emit, next) => {
        if (get(m, k.held, page) === 0) return done.at
        set(m, k.pte, page, 0)
        emit?.({ type: 'device-ptes-cleared', ...who(v), dropped: 1 })
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
        return next
      },
    })
  })
  asm.place(done)

  function flush(): void {
    steps.at(asm, 'flush the TLB')
    asm.op({
      fn: 'intel_gt_invalidate_tlbs',
      file: 'drivers/gpu/drm/i915/gt/intel_gt.c',
      label: 'flush the GPU’s TLB',
      why: 'After the PTE was cleared and before the frame can belong to another: nothing can bring the entry back.',
      run: (m, emit, next) => {
        let dropped = 0
        for (let p = 0; p < k.tlb.length; p++) {
          if (get(m, k.tlb, p) === 0) continue
          set(m, k.tlb, p, 0)
          dropped++
        }
        emit?.({ type: 'device-tlb-flushed', ...who(v), dropped })
        return next
      },
      without: [omitting('the flush of the GPU’s TLB')],
    })
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
    what: 'page table of its own, pages held by reference',
    facts: [],
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
  if (at === undefined) return { name, doing: 'script done', steps: [] }
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
