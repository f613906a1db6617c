import { holderName } from '../../kernel/task.ts'
import { get, type Machine } from '../../machine/cells.ts'
import { apicPfn, cachedPfn, SLOT, SLOT_NAMES, slotAt, spteAt, sptePfn, spteWritable } from '../../machine/kvm.ts'
import { pageLabel } from '../../machine/setup.ts'
import { fieldIn } from '../../policy/names.ts'
import { listedFacts } from '../late.ts'
import type { ConsumerPicture, PictureEntry, PictureFact, PictureList, PictureThread } from '../picture.ts'
import type { Steps } from '../steps.ts'
import { APIC_STEPS } from './apic-page.ts'
import { FAULT_STEPS } from './guest-access.ts'
import { CACHE_STEPS } from './pfn-cache.ts'
import type { GuestAccess, KvmThread, Vm } from './vm.ts'

/** A thread, its script, and where in its program which step begins: known when the program is written. */
export interface ThreadPicture {
  readonly v: KvmThread
  readonly script: readonly GuestAccess[]
  steps: Steps
  length: number
}

/** A VM as those who watch see it. */
export function kvmPicture(vm: Vm, threads: readonly ThreadPicture[], m: Machine): ConsumerPicture {
  return {
    kind: 'KVM',
    what: 'shadow page table, filled under mmu_lock',
    facts: facts(vm, m),
    lists: lists(vm, m),
    threads: threads.map(thread => threadPicture(thread, m)),
  }
}

function facts({ s, facts: { cache, slotsChange, consumer, ...of }, k }: Vm, m: Machine): PictureFact[] {
  const memslots = slotsChange ? of.memslots : []
  const holder = get(m, k.lock, 0)
  const running = get(m, k.inProgress, 0)
  const active = get(m, k.active, 0)
  const [start, end] = [get(m, k.rangeStart, 0), get(m, k.rangeEnd, 0)]
  const range = end - start <= 1 ? pageLabel(s, start) : `${pageLabel(s, start)} to ${pageLabel(s, end - 1)}`
  return [
    { name: 'mmu_lock', short: 'mmu_lock', value: holder === 0 ? 'free' : holderName(s, holder), busy: holder !== 0 },
    {
      name: fieldIn(s.policy, 'mmu_invalidate_in_progress'),
      short: 'in_progress',
      value: running === 0 ? '0' : `${running}: ${range}`,
      busy: running > 0,
    },
    { name: fieldIn(s.policy, 'mmu_invalidate_seq'), short: 'seq', value: String(get(m, k.seq, 0)), busy: false },
    ...memslots.map(({ region }, i): PictureFact => {
      const state = slotAt(k, m, i)
      return { name: `memslot ${region}`, short: region, value: SLOT_NAMES[state], busy: state !== SLOT.valid }
    }),
    ...(cache === undefined && memslots.length === 0
      ? []
      : [{ name: 'mn_active_invalidate_count', short: 'mn_active', value: String(active), busy: active > 0 }]),
    ...listedFacts(s, consumer, m),
  ]
}

function lists(vm: Vm, m: Machine): PictureList[] {
  const {
    facts: { memslots, cache, apic },
    k,
  } = vm
  const sptes = memslots.flatMap(({ gfn, first, end }) =>
    Array.from({ length: end - first }, (_, i): PictureEntry => {
      const spte = spteAt(k, m, first + i)
      return { page: first + i, tag: gfnText(gfn + i), pfn: sptePfn(spte), writable: spteWritable(spte) }
    }),
  )
  const cached: PictureEntry[] =
    cache === undefined
      ? []
      : [{ page: cache.page, tag: gfnText(gfnOf(vm, cache.page)), pfn: cachedPfn(k, m), writable: true }]
  const registers = k.threads.flatMap((t, i): PictureEntry[] =>
    apic === undefined || t.apic.length === 0
      ? []
      : [{ page: apic, tag: `vCPU ${vm.facts.firstVcpu + i}`, pfn: apicPfn(t, m), writable: true }],
  )
  return [
    { title: 'SPTEs', entries: sptes },
    { title: 'pfn cache', entries: cached },
    { title: 'APIC-access address', entries: registers },
  ].filter(list => list.entries.length > 0)
}

const gfnText = (gfn: number): string => `gfn 0x${gfn.toString(16)}`

function gfnOf({ facts }: Vm, page: number): number {
  const slot = facts.memslots.find(({ first, end }) => page >= first && page < end)
  return slot === undefined ? 0 : slot.gfn + page - slot.first
}

function threadPicture({ v, script, steps, length }: ThreadPicture, m: Machine): PictureThread {
  const { s, t, facts } = v
  const at = steps.of(get(m, t.pc, 0), length)
  if (at === undefined)
    return { name: v.name, doing: get(m, t.pc, 0) < length ? 'not created yet' : 'script done', steps: [] }
  const access = script[at.access]
  const page = access === undefined ? '' : `${access.write ? 'write' : 'read'} ${pageLabel(s, access.page)}`
  const all = stepsOf(v, access?.page, facts.apic)
  const now = all.indexOf(at.step)
  return {
    name: v.name,
    doing: `${at.access + 1}/${script.length} ${page}`,
    steps: all.map((text, i) => ({
      text,
      state: i < now ? 'done' : i === now ? 'current' : 'ahead',
      note: noteOf(v, m, text, i < now),
    })),
  }
}

function stepsOf({ s, facts, t, k }: KvmThread, page: number | undefined, apic: number | undefined): readonly string[] {
  if (page !== undefined && page === apic) return APIC_STEPS
  if (facts.cache !== undefined && t === k.threads.at(-1)) return CACHE_STEPS
  const steps = FAULT_STEPS.filter(step => step !== 'find the memslot' || facts.slotsChange)
  if (s.policy.arch !== 'arm64') return steps.filter(step => step !== 'look up the VMA')
  if (s.policy.seqSampledAt !== 'before-VMA-lookup') return steps
  const at = steps.indexOf('look up the VMA')
  return [...steps.slice(0, at), 'sample the sequence', 'look up the VMA', ...steps.slice(at + 2)]
}

/** What came of a step that is done and still counts. */
function noteOf({ t }: KvmThread, m: Machine, step: string, done: boolean): string {
  if (!done) return ''
  if (step === 'sample the sequence' || step === 'take the request') return `seq ${get(m, t.seq, 0)}`
  if (step !== 'find the page') return ''
  const pfn = get(m, t.pfn, 0) - 1
  return pfn < 0 ? '' : `pfn ${pfn}, held`
}
