import { captionOf, type Names, sentenceFrom } from '../machine/caption.ts'
import type { Machine } from '../machine/cells.ts'
import type { EventType, SimEvent } from '../machine/event.ts'
import { FURTHER_TYPES, tellingOf } from '../machine/events/further.ts'
import { placeIn } from '../policy/names.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Actor, OpFacts } from '../threads/actor.ts'
import type { Choice } from '../threads/choice.ts'
import { hexAddr, type Vpn } from '../units.ts'
import { exposedPages } from '../view/entries.ts'
import type { ActorView, StepView } from '../view/world.ts'

/** Names of pages, CPUs and devices as the scenario has them. */
export function namesOf(lab: Lab): Names {
  const labels = new Map<number, string>(lab.setup.vpns.map((vpn, page) => [vpn, lab.setup.labels[page] ?? '']))
  return {
    page: (vpn: Vpn) => labels.get(vpn) ?? hexAddr(vpn),
    cpu: index => lab.setup.cpus[index]?.name ?? `CPU ${index}`,
    device: index => lab.setup.devices[index]?.name ?? `device ${index}`,
    consumer: index => lab.setup.consumers[index]?.name ?? `consumer ${index}`,
  }
}

export const actorView = (actor: Actor): ActorView => ({
  id: actor.id,
  name: actor.name,
  kind: actor.kind,
  lane: actor.lane,
})

interface Face {
  readonly tone: StepView['tone']
  /** Short, for a mark on the timeline. */
  readonly mark: (e: SimEvent, names: Names) => string
}

/** Events that can stand for a whole step, the most telling first, with how they look. */
const FACES: readonly (readonly [EventType, Face])[] = [
  [
    'used-after-free',
    face('damage', e => ('others' in e && e.others !== undefined ? 'wrong process' : 'use after free')),
  ],
  [
    'walked-after-free',
    face('damage', e => ('others' in e && e.others !== undefined ? 'wrong process' : 'walk after free')),
  ],
  ['pairing-broken', face('damage', () => 'pairing broken')],
  ['operation-left-out', face('neutral', () => 'left out')],
  ['page-freed', face('freed', e => `free ${'pfn' in e ? e.pfn : ''}`)],
  ['table-freed', face('freed', e => `free table ${'pfn' in e ? e.pfn : ''}`)],
  ['page-put', face('neutral', e => `put ${'pfn' in e ? e.pfn : ''}`)],
  ['pte-cleared', face('unmapped', (e, n) => `clear ${'vpn' in e ? n.page(e.vpn) : ''}`)],
  ['table-unlinked', face('table', e => `unlink ${'level' in e ? e.level : ''}`)],
  ['secondary-tlb-invalidate-called', face('invalidated', () => 'range()')],
  ['invalidate-range-started', face('mapped', () => 'start')],
  ['invalidate-range-ended', face('mapped', () => 'end')],
  ['notifier-released', face('mapped', () => 'release')],
  ['invalidation-executed', face('invalidated', () => 'invalidate')],
  ['invalidation-completed', face('invalidated', () => 'complete')],
  ['cpu-flush-started', face('invalidated', () => 'flush')],
  ['cpu-tlb-flushed', face('invalidated', () => 'flush')],
  ['cpu-flush-completed', face('invalidated', () => 'acked')],
  ['device-accessed', face('mapped', e => ('write' in e && e.write ? 'write' : 'read'))],
  ['cpu-accessed', face('mapped', e => ('write' in e && e.write ? 'write' : 'read'))],
  ['frame-filled', face('neutral', e => `take ${'pfn' in e ? e.pfn : ''}`)],
  ['tlb-filled', face('mapped', () => 'fill')],
  ['page-requested', face('neutral', () => 'request')],
  ['page-request-answered', face('neutral', e => ('response' in e ? e.response : ''))],
  ['pte-set', face('mapped', (e, n) => `map ${'vpn' in e ? n.page(e.vpn) : ''}`)],
  ['fault-refused', face('neutral', () => 'refused')],
  ['fault-taken', face('neutral', () => 'fault')],
  ['walk-read', face('table', e => ('level' in e ? e.level : ''))],
  ['tlb-missed', face('neutral', () => 'miss')],
  ['vma-detached', face('neutral', () => 'detach')],
  ['vma-mapped', face('mapped', () => 'map')],
  ['free-pgtables-started', face('neutral', () => 'pgtables')],
  ['tlb-finish-started', face('neutral', () => 'finish')],
  ['gather-flushed', face('freed', () => 'free')],
  ['zap-started', face('neutral', () => 'zap')],
  ['ptl-taken', face('neutral', () => 'PTL')],
  ['ptl-released', face('neutral', () => 'unlock')],
  ['syscall-entered', face('neutral', () => 'lock')],
  ['syscall-returned', face('neutral', () => 'return')],
  ['gather-started', face('neutral', () => 'gather')],
]

function face(tone: StepView['tone'], mark: Face['mark']): Face {
  return { tone, mark }
}

/** Clauses that must be said beside the main one. */
const ALSO: ReadonlySet<EventType> = new Set([
  'freed-too-early',
  'range-not-covered',
  'pairing-broken',
  'used-after-free',
  'walked-after-free',
  'flush-forced',
])

/** Where in its program an operation stands, by the names that all kernels share. */
export const keyOf = ({ fn, stack }: Pick<OpFacts, 'fn' | 'stack'>): string => `${stack.join('>')}|${fn}`

/** One step as people see it. */
export function stepView(
  lab: Lab,
  names: Names,
  number: number,
  choice: Choice,
  actor: Actor,
  op: OpFacts,
  events: readonly SimEvent[],
  after: Machine,
): StepView {
  const main = faceOf(events)
  const told = mainClause(events, main?.event)
  const clause = told === undefined ? op.label : captionOf(told, names)
  const also = events
    .filter(e => (ALSO.has(e.type) || tellingOf(e)?.also === true) && e !== told)
    .map(e => sentenceFrom(captionOf(e, names)))
  const place = placeIn(lab.setup.policy, op)
  return {
    number,
    choice,
    actor: actorView(actor),
    op: place.fn,
    file: place.file,
    stack: place.stack,
    key: keyOf(op),
    mark: main === undefined ? place.fn : main.face.mark(main.event, names),
    sentence: [`${spoken(actor, clause)}`, ...also].join(' '),
    why: damageWhy(events) ?? op.why,
    tone: main?.face.tone ?? 'neutral',
    phase: op.phase,
    events,
    exposed: exposedPages(lab.setup, after),
  }
}

/** The most telling event, with how it looks. Harm of other families comes before everything, the rest of them before faces. */
function faceOf(events: readonly SimEvent[]): { readonly event: SimEvent; readonly face: Face } | undefined {
  const byFace = FACES.flatMap(([type, f]) => {
    const event = events.find(e => e.type === type)
    return event === undefined ? [] : [{ event, face: f }]
  })[0]
  if (byFace?.face.tone === 'damage') return byFace
  const types = FURTHER_TYPES.filter(type => events.some(e => e.type === type))
  const further = events.find(e => e.type === types[0])
  const telling = further === undefined ? undefined : tellingOf(further)
  if (further === undefined || telling === undefined) return byFace
  return { event: further, face: { tone: telling.tone, mark: telling.mark as Face['mark'] } }
}

/** Of a step with damage the access itself is told first, and the damage after it. */
function mainClause(events: readonly SimEvent[], main: SimEvent | undefined): SimEvent | undefined {
  const harm = main?.type === 'used-after-free' || main?.type === 'walked-after-free'
  if (!harm && !(main !== undefined && tellingOf(main)?.also === true)) return main
  return events.find(e => ACCESSES.has(e.type)) ?? main
}

const ACCESSES: ReadonlySet<EventType> = new Set(['device-accessed', 'cpu-accessed', 'guest-accessed', 'walk-read'])

function spoken(actor: Actor, clause: string): string {
  return clause.includes(actor.name) || actor.kind === 'iommu' ? sentenceFrom(clause) : `${actor.name}: ${clause}.`
}

function damageWhy(events: readonly SimEvent[]): string | undefined {
  const used = events.find(e => e.type === 'used-after-free')
  if (used !== undefined && used.type === 'used-after-free') {
    if (used.others !== undefined)
      return 'An entry is found by PASID and address. This one was made when the PASID was another’s, and nobody dropped it when the number changed hands.'
    return `The translation is older than the free. ${used.write ? 'The data lands in' : 'What is read belongs to'} a frame that is ${used.owner === 'nobody' ? 'free' : `now ${used.owner}’s`}: nothing told this TLB in the gap between unmapping and freeing.`
  }
  const walked = events.find(e => e.type === 'walked-after-free')
  if (walked !== undefined && walked.type === 'walked-after-free') {
    if (walked.others !== undefined)
      return 'A walk cache is asked by PASID and address too. It was filled when the PASID was another’s, and nobody dropped it when the number changed hands.'
    return 'The walk cache named a page-table page that had been freed. Whatever its new owner writes there, the walker takes for page-table entries.'
  }
  if (events.some(e => e.type === 'freed-too-early'))
    return 'From now on any use of that stale entry is a use after free.'
  return events.flatMap(e => tellingOf(e)?.why ?? [])[0]
}
