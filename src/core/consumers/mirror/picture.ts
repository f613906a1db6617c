import { itreeSeq } from '../../kernel/interval-tree.ts'
import { holderName } from '../../kernel/task.ts'
import { type Column, get, type Machine } from '../../machine/cells.ts'
import { devPfn, devWritable, itreeHolder, itreeInvalidating, SUB, subAt } from '../../machine/mirror.ts'
import { pageLabel } from '../../machine/setup.ts'
import type { ConsumerPicture, PictureEntry, PictureFact, PictureThread } from '../picture.ts'
import type { Steps } from '../steps.ts'
import { changesSub, type Mirror } from './device.ts'
import { FAULT_STEPS } from './fault.ts'
import { INSERT_STEPS } from './insert.ts'
import { REMOVE_STEPS } from './remove.ts'

/** A mirror as those who watch see it. */
export function mirrorPicture(
  v: Mirror,
  written: { readonly steps: Steps; readonly length: number },
  m: Machine,
): ConsumerPicture {
  const { k, facts } = v
  return {
    kind: facts.kind === 'odp' ? 'ODP' : 'HMM',
    what: `device page table, filled under ${v.lockName}`,
    facts: factsOf(v, m),
    lists: [
      { title: 'device PTEs', entries: entries(v, k.pte, m) },
      { title: 'device TLB', entries: entries(v, k.tlb, m) },
    ],
    threads: [threadPicture(v, written, m)],
  }
}

const SUB_TEXT: Readonly<Record<number, string>> = {
  [SUB.inTree]: 'in the tree',
  [SUB.deferred]: 'to be taken out',
  [SUB.out]: 'out of the tree',
  [SUB.notYet]: 'not there yet',
  [SUB.deferredIn]: 'to be put in',
}

function factsOf(v: Mirror, m: Machine): PictureFact[] {
  const { s, k, facts } = v
  const holder = get(m, k.lock, 0)
  const { itree } = s.shape
  const mm = itreeHolder(itree, m)
  const sub = subAt(k, m)
  const active = get(m, itree.active, 0)
  return [
    { name: v.lockName, short: v.lockName, value: holder === 0 ? 'free' : holderName(s, holder), busy: holder !== 0 },
    { name: 'sub.invalidate_seq', short: 'sub.seq', value: String(get(m, k.seq, 0) + 1), busy: false },
    {
      name: 'subscriptions.invalidate_seq',
      short: 'subs.seq',
      value: String(itreeSeq(s, m)),
      busy: itreeInvalidating(itree, m),
    },
    { name: 'active_invalidate_ranges', short: 'active', value: String(active), busy: active > 0 },
    ...(changesSub(facts)
      ? [
          {
            name: 'subscription',
            short: 'sub',
            value: SUB_TEXT[sub] ?? 'freed',
            busy: sub === SUB.deferred || sub === SUB.deferredIn,
          },
          {
            name: 'subscriptions.lock',
            short: 'subs.lock',
            value: mm === 0 ? 'free' : holderName(s, mm),
            busy: mm !== 0,
          },
        ]
      : []),
  ]
}

const entries = ({ s, facts }: Mirror, column: Column, m: Machine): PictureEntry[] =>
  Array.from({ length: facts.end - facts.first }, (_, i): PictureEntry => {
    const page = facts.first + i
    const entry = get(m, column, page)
    return { page, tag: pageLabel(s, page), pfn: devPfn(entry), writable: devWritable(entry) }
  })

function threadPicture(
  v: Mirror,
  { steps, length }: { readonly steps: Steps; readonly length: number },
  m: Machine,
): PictureThread {
  const { s, t, facts } = v
  const name = `${facts.name} driver`
  const at = steps.of(get(m, t.pc, 0), length)
  if (at === undefined) return { name, doing: 'script done', steps: [] }
  const step = facts.script[at.access]
  const doing =
    typeof step !== 'object' ? (step ?? 'remove') : `${step.write ? 'write' : 'read'} ${pageLabel(s, step.page)}`
  const all: readonly string[] = step === 'insert' ? INSERT_STEPS : step === 'remove' ? REMOVE_STEPS : FAULT_STEPS
  const now = all.indexOf(at.step)
  const pfn = get(m, t.pfn, 0) - 1
  return {
    name,
    doing: `${at.access + 1}/${facts.script.length} ${doing}`,
    steps: all.map((text, i) => ({
      text,
      state: i < now ? 'done' : i === now ? 'current' : 'ahead',
      note:
        i >= now
          ? ''
          : text === 'read_begin'
            ? `seq ${get(m, t.seq, 0)}`
            : text === 'find the page' && pfn >= 0
              ? `pfn ${pfn}, not held`
              : '',
    })),
  }
}
