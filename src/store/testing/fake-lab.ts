import type { Settings } from '../../core/runs/settings.ts'
import type { ActorView, Choice, MoveView, StepView } from '../../core/view/world.ts'
import type { Catalogue, Comparison, LabApi, Moved, Opened, RunLink, Snapshot } from '../../worker/lab-api.ts'
import { fakeWorld } from './fake-world.ts'

/**
 * A lab of two actors who each work through a list of moves, whatever the other does. It keeps every promise of LabApi
 * about schedules, deltas and links, and knows nothing of memory: what the store and the page need to be tested with.
 */
export function createFakeLab(): LabApi {
  let link: RunLink = { scenario: 'fake-munmap' }
  let schedule: readonly Choice[] = []
  let at = 0
  let sent = 0

  const settings = (l: RunLink = link): Settings => ({
    kernel: (l.kernel ?? '3.18') as Settings['kernel'],
    driver: (l.driver ?? 'naive') as Settings['driver'],
    arch: (l.arch ?? 'x86') as Settings['arch'],
    switches: Object.fromEntries(
      Object.entries(l.switches ?? {}).map(([id, v]) => [id, v === 'true' || (v !== 'false' && v)]),
    ),
  })

  const card = () => FAKE_CATALOGUE.scenarios.find(s => s.id === link.scenario) ?? FAKE_CATALOGUE.scenarios[0]!

  function snapshot(filmFrom: number): Snapshot {
    const film = filmOf(schedule)
    const done = progressOf(schedule.slice(0, at))
    const moves = ACTORS.map(actor => moveOf(actor, done[actor.id] ?? 0))
    sent = schedule.length
    return {
      at,
      length: schedule.length,
      world: fakeWorld(film.slice(0, at)),
      before: at === 0 ? null : fakeWorld(film.slice(0, at - 1)),
      moves,
      step: film[at - 1] ?? null,
      film: film.slice(filmFrom),
      filmFrom,
      link: { ...link, schedule: schedule.map(c => c.actor).join(''), at, semantics: 1 },
      phase: film.slice(0, at).findLast(s => s.phase !== null)?.phase ?? null,
      ending: moves.some(m => m.ready) ? null : { kind: 'finished', sentence: 'Everyone has finished.' },
    }
  }

  function push(choice: Choice): string | null {
    const done = progressOf(schedule.slice(0, at))
    const actor = ACTORS[choice.actor]
    if (actor === undefined) return `there is no actor ${choice.actor}`
    const move = moveOf(actor, done[actor.id] ?? 0)
    if (!move.ready) return move.reason
    if (schedule[at]?.actor !== choice.actor) {
      schedule = [...schedule.slice(0, at), choice]
      sent = Math.min(sent, at)
    }
    at += 1
    return null
  }

  const lab: LabApi = {
    catalogue: () => FAKE_CATALOGUE,
    open(asked): Opened {
      const known = FAKE_CATALOGUE.scenarios.some(s => s.id === asked.scenario)
      const { checksum: _checksum, ...rest } = asked
      link = { ...rest, scenario: known ? asked.scenario : 'fake-munmap' }
      schedule = []
      at = 0
      const problems = known
        ? []
        : [{ at: 'link, part s', message: `no scenario is called ${asked.scenario}`, mend: 'the first one was opened' }]
      for (const digit of asked.schedule ?? '') {
        const refused = push({ actor: Number(digit), alternative: 0 })
        if (refused !== null) {
          problems.push({ at: `schedule step ${at + 1}`, message: refused, mend: 'the run stops before it' })
          break
        }
      }
      at = Math.min(asked.at ?? at, schedule.length)
      const now = settings()
      return {
        run: {
          scenario: card(),
          settings: now,
          switches: { drainsWalks: true, batch: 'small', ...now.switches },
          changed: Object.keys(now.switches),
          actors: ACTORS,
          lanes: ACTORS.map(a => a.lane),
          ribbon: { title: 'munmap(buf, 4)', phases: PHASES },
          leftOut: [],
          custom: asked.custom ?? null,
        },
        snapshot: snapshot(0),
        problems,
      }
    },
    change({ kernel, driver, arch, switches }): Opened {
      return lab.open({
        ...snapshot(0).link,
        ...(kernel === undefined ? {} : { kernel }),
        ...(driver === undefined ? {} : { driver }),
        ...(arch === undefined ? {} : { arch }),
        switches: switches === null ? {} : { ...link.switches, ...switches },
      })
    },
    seek(to) {
      if (to > schedule.length) throw new Error(`the run has ${schedule.length} steps, not ${to}`)
      at = to
      return snapshot(sent)
    },
    move(choice): Moved {
      const reason = push(choice)
      return reason === null ? { ok: true, snapshot: snapshot(Math.min(sent, at - 1)) } : { ok: false, reason }
    },
    runOn(limit): Moved {
      const from = at
      for (let n = 0; n < limit; n++) {
        const done = progressOf(schedule.slice(0, at))
        const next = [...ACTORS]
          .sort((a, b) => (done[a.id] ?? 0) - (done[b.id] ?? 0))
          .find(a => moveOf(a, done[a.id] ?? 0).ready)
        if (next === undefined) break
        push({ actor: next.id, alternative: 0 })
      }
      return { ok: true, snapshot: snapshot(Math.min(sent, from)) }
    },
    compare(other): Comparison {
      const film = filmOf(schedule)
      const cut = Math.min(4, film.length)
      return {
        settings: other,
        ribbon: { title: 'munmap(buf, 4)', phases: PHASES },
        rows: film.map((step, i) => ({ here: step, there: i === cut ? null : step, at: i, same: i !== cut })),
        divergence: cut < film.length ? cut : null,
        ending: { kind: 'followed', sentence: 'The same schedule was followed to its end.' },
        worlds: film.map((_, i) => ({
          here: fakeWorld(film.slice(0, i + 1)),
          there: fakeWorld(film.slice(0, Math.max(0, i))),
        })),
        costs: { here: MEASURES, there: MEASURES, rows: film.map((_, i) => ({ here: [i + 1], there: [i] })) },
        link: { ...link, kernel: other.kernel },
      }
    },
    cost: () => ({ measures: MEASURES, along: [[0], ...filmOf(schedule).map((_, i) => [i + 1])] }),
    exportRun: format => `${format} of ${schedule.length} steps`,
    checkScenario: (text, name) =>
      text.startsWith('{') ? [] : [{ at: `${name}: line 1`, message: 'this is not JSON', mend: 'Write some.' }],
  }
  return lab
}

const ACTORS: readonly ActorView[] = [
  { id: 0, name: 'CPU 0', kind: 'cpu', lane: 'CPU 0 munmap' },
  { id: 1, name: 'GPU 0', kind: 'device', lane: 'GPU 0' },
]

/** A lab in which every step costs one. */
const MEASURES = [
  { id: 'steps', family: 'C1', title: 'Steps', unit: 'steps', what: 'Every step.', absent: null },
] as const

const PHASES = [
  { id: 'start', title: 'invalidate_range_start', note: 'all pages still mapped', kind: 'call', amber: false },
  { id: 'zap', title: 'zap_pte_range', note: 'PTEs cleared', kind: 'work', amber: true },
  { id: 'range', title: 'invalidate_range', note: 'none in this kernel', kind: 'hole', amber: true },
  { id: 'free', title: 'free_pages', note: 'back to the allocator', kind: 'work', amber: false },
] as const

const SCRIPT: readonly (readonly { readonly op: string; readonly mark: string; readonly phase: number | null }[])[] = [
  [
    { op: 'mmu_notifier_invalidate_range_start', mark: 'start', phase: 0 },
    { op: 'zap_pte_range', mark: 'PTE 0', phase: 1 },
    { op: 'zap_pte_range', mark: 'PTE 1', phase: 1 },
    { op: 'tlb_flush_mmu_tlbonly', mark: 'flush', phase: 1 },
    { op: 'free_pages', mark: 'free', phase: 3 },
  ],
  [
    { op: 'iotlb_lookup', mark: 'miss', phase: null },
    { op: 'iommu_walk', mark: 'fill', phase: null },
    { op: 'dma_write', mark: 'write buf[0]', phase: null },
  ],
]

const progressOf = (schedule: readonly Choice[]): readonly number[] =>
  ACTORS.map(a => schedule.filter(c => c.actor === a.id).length)

function moveOf(actor: ActorView, done: number): MoveView {
  const next = SCRIPT[actor.id]?.[done]
  return {
    choice: { actor: actor.id, alternative: 0 },
    actor,
    label: next === undefined ? `${actor.name} has finished` : `${actor.name}: ${next.mark}`,
    op: next?.op ?? '',
    ready: next !== undefined,
    reason: next === undefined ? `${actor.name} has nothing left to do` : '',
  }
}

function filmOf(schedule: readonly Choice[]): readonly StepView[] {
  return schedule.map((choice, i) => {
    const actor = ACTORS[choice.actor]!
    const nth = progressOf(schedule.slice(0, i))[choice.actor] ?? 0
    const { op, mark, phase } = SCRIPT[choice.actor]![nth]!
    return {
      number: i + 1,
      choice,
      actor,
      op,
      file: 'mm/memory.c',
      stack: ['munmap', op],
      key: `munmap|${op}`,
      mark,
      sentence: `${actor.name} does ${mark}.`,
      why: 'Because its turn has come.',
      tone: phase === 1 ? 'unmapped' : 'neutral',
      phase,
      events: [],
      exposed: phase === 1 ? nth : 0,
    }
  })
}

export const FAKE_CATALOGUE: Catalogue = {
  scenarios: [
    {
      id: 'fake-munmap',
      title: 'munmap() while a GPU shares the page table',
      purpose: 'Shows the gap between unmapping a page and freeing it.',
      lookFor: 'The GPU writes after the free.',
      breaks: [{ what: 'use after free', link: { scenario: 'fake-munmap', schedule: '00110001', at: 8 } }],
      bugs: ['B01'],
    },
    {
      id: 'fake-exit',
      title: 'exit() with a device still running',
      purpose: 'Shows why release() must stop the device.',
      lookFor: 'The order of release and unmap.',
      breaks: [],
      bugs: [],
    },
  ],
  kernels: [
    { id: '3.18', label: '3.18', what: 'start and end only', sameAs: null },
    { id: '3.19-1of3', label: '1/3', what: 'an empty hook', sameAs: '3.18' },
    { id: '3.19-2of3', label: '2/3', what: 'the VM calls the hook', sameAs: null },
    { id: '3.19', label: '3.19', what: 'invalidate_range', sameAs: null },
    { id: '4.15', label: '4.15', what: 'only_end', sameAs: null },
    { id: '6.1', label: '6.1', what: 'interval notifiers', sameAs: null },
    { id: '6.6', label: '6.6+', what: 'arch_invalidate_secondary_tlbs', sameAs: null },
  ],
  drivers: [
    { id: 'naive', label: 'naive', what: 'flushes at start' },
    { id: 'notifier', label: 'notifier', what: 'flushes at invalidate_range' },
  ],
  archs: [
    { id: 'x86', label: 'x86', what: 'IPIs' },
    { id: 'arm64', label: 'arm64', what: 'broadcast TLBI' },
  ],
  switches: [
    {
      id: 'drainsWalks',
      label: 'IOMMU drains walks',
      what: 'An invalidate waits for walks in flight.',
      group: 'hardware',
      values: [
        { value: true, label: 'yes' },
        { value: false, label: 'no' },
      ],
    },
    {
      id: 'batch',
      label: 'Gather batch',
      what: 'How many pages wait before a forced flush.',
      group: 'kernel',
      values: [
        { value: 'small', label: '2 pages' },
        { value: 'large', label: '500 pages' },
      ],
    },
  ],
  leftOut: ['Interrupts other than IPIs.', 'Memory cgroups.'],
  semantics: 1,
}
