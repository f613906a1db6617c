import { describe, expect, it } from 'vitest'
import { known } from '../core/base/assert.ts'
import { SEMANTICS } from '../core/runs/fingerprint.ts'
import { decodeSchedule } from '../core/runs/schedule.ts'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { runOf } from '../core/testing/films.ts'
import { labOf } from '../core/testing/labs.ts'
import { viewOf } from '../core/view/view-of.ts'
import { createLab } from './lab.ts'
import type { LabApi, Moved, RunLink, Snapshot } from './lab-api.ts'

const FORCED: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18' }

const opened = (link: RunLink = FORCED) => {
  const lab = createLab()
  return { lab, ...lab.open(link) }
}

const made = (moved: Moved): Snapshot => {
  if (!moved.ok) throw new Error(moved.reason)
  return moved.snapshot
}

/** Lets the actor of this name move, as a click on its chip does. */
const letMove = (lab: LabApi, from: Snapshot, name: string): Snapshot => {
  const { choice } = known(
    from.moves.find(m => m.actor.name === name),
    name,
  )
  return made(lab.move(choice))
}

describe('opening a scenario', () => {
  it.each(SCENARIOS.map(s => s.id))('%s: comes with a run that ends, and stands before its first step', scenario => {
    const { lab, snapshot, problems } = opened({ scenario })
    expect(problems).toEqual([])
    expect([snapshot.at, snapshot.step, snapshot.before, snapshot.phase]).toEqual([0, null, null, null])
    expect(snapshot.film).toHaveLength(snapshot.length)
    expect(lab.seek(snapshot.length).ending).toEqual({
      kind: 'finished',
      sentence: 'Everybody is done, and no rule was broken.',
    })
  })

  it('speaks of a broken rule at the end, not of damage: here only the IOMMU was not told', () => {
    const { lab, snapshot } = opened({ scenario: 'mprotect', kernel: '6.6', switches: { configMmuNotifier: 'false' } })
    const end = lab.seek(snapshot.length)
    expect(end.world.frames.filter(f => f.damaged)).toEqual([])
    expect(end.ending).toEqual({ kind: 'damage', sentence: 'Everybody is done, and a rule was broken on the way.' })
  })

  it('offers every move, and says of each that cannot be made why not', () => {
    const { snapshot } = opened()
    const told = snapshot.moves.map(m => `${m.label} ${m.ready ? '' : `(${m.reason})`}`.trim())
    expect(told).toMatchInlineSnapshot(`
      [
        "CPU 0: take the mmap lock for writing",
        "CPU 1: take a free frame and write to it",
        "GPU 0: look up buf[0], to write it",
        "IOMMU: execute the invalidate at the head of the queue (the invalidation queue is empty)",
        "Fault worker: wait for a page request (no page request is waiting)",
      ]
    `)
  })

  it('follows on the ribbon who tells subscribers, though another CPU comes first', () => {
    const { run } = opened({ scenario: 'collapse-gup-fast' })
    expect(run.ribbon.title).toBe('collapse file')
  })

  it('follows one CPU on the ribbon, with a hole where this kernel makes no call', () => {
    const kinds = (kernel: string) => opened({ ...FORCED, kernel }).run.ribbon.phases.map(p => `${p.kind}: ${p.title}`)
    expect(kinds('3.18')).toContain('hole: no callback here')
    expect(kinds('3.19-2of3')).toContain('empty: invalidate_range')
    expect(kinds('3.19')).toContain('call: invalidate_range')
    expect(kinds('6.6')).toContain('call: arch_invalidate_secondary_tlbs')
  })
})

describe('moving about in a run', () => {
  it('a move that the run makes anyway keeps what lies ahead; another one replaces it', () => {
    const { lab, snapshot } = opened()
    const kept = letMove(lab, snapshot, 'CPU 0')
    expect([kept.at, kept.length]).toEqual([1, snapshot.length])
    const turned = letMove(lab, kept, 'CPU 0')
    expect([turned.at, turned.length]).toEqual([2, 2])
    expect(turned.film.map(s => s.number)).toEqual([2])
  })

  it('a move that cannot be made changes nothing', () => {
    const { lab, snapshot } = opened()
    const iommu = known(
      snapshot.moves.find(m => m.actor.name === 'IOMMU'),
      'IOMMU',
    ).choice
    expect(lab.move(iommu)).toEqual({ ok: false, reason: 'IOMMU cannot move: the invalidation queue is empty' })
    expect(lab.seek(0)).toEqual({ ...snapshot, film: [], filmFrom: snapshot.length })
  })

  it('running on from a moment that was gone back to makes the same fair run again', () => {
    const { lab, snapshot } = opened()
    lab.seek(7)
    const again = made(lab.runOn(1000))
    expect([again.filmFrom, again.length, again.at]).toEqual([7, snapshot.length, 7])
    expect(again.film).toEqual(snapshot.film.slice(7))
    lab.seek(again.length)
    expect(lab.runOn(1)).toEqual({ ok: false, reason: 'nobody can move' })
  })

  it('the state before a step and the state after it are neighbours', () => {
    const { lab, snapshot } = opened()
    const fifth = lab.seek(5)
    expect(fifth.before).toEqual(lab.seek(4).world)
    expect(lab.seek(5)).toEqual(fifth)
    expect(lab.seek(0)).toEqual({ ...snapshot, film: [], filmFrom: snapshot.length })
  })

  it('seeks nowhere but into the run', () => {
    const { lab, snapshot } = opened()
    expect([-1, Number.NaN, 0.9].map(at => lab.seek(at).at)).toEqual([0, 0, 0])
    expect([1e9, Number.POSITIVE_INFINITY].map(at => lab.seek(at).at)).toEqual([snapshot.length, snapshot.length])
  })

  it('goes to any of 10,000 steps exactly', () => {
    // From start to end the empty-table driver answers a device without mapping anything: it can go on for ever.
    const schedule = `0003${'24'.repeat(5000)}`
    const link = { scenario: 'dontneed', kernel: '3.18', driver: 'empty-table', schedule }
    const { lab, snapshot, problems } = opened(link)
    expect([problems, snapshot.length, snapshot.at]).toEqual([[], 10_004, 10_004])
    const own = labOf('dontneed', { kernel: '3.18', driver: 'empty-table' })
    const choices = decodeSchedule(schedule)
    const run = runOf(own, choices.ok ? choices.value : [])
    for (const at of [9_999, 1, 5_000, 10_004, 0, 7_777]) {
      const there = lab.seek(at)
      expect([there.at, there.step?.number ?? 0]).toEqual([at, at])
      expect(there.world).toEqual(viewOf(own, run.stateAt(at)))
    }
  })
})

describe('a link', () => {
  it('opens the exact moment that it was made at, with nothing to complain about', () => {
    const { lab, snapshot } = opened()
    let here = snapshot
    for (const name of ['CPU 0', 'CPU 0', 'GPU 0', 'GPU 0', 'CPU 0']) here = letMove(lab, here, name)
    here = lab.seek(3)
    const there = opened(here.link)
    expect(there.problems).toEqual([])
    expect(there.snapshot).toEqual({ ...here, film: there.snapshot.film, filmFrom: 0 })
    expect(there.snapshot.film).toHaveLength(5)
    expect(there.snapshot.link).toEqual(here.link)
  })

  it.each(SCENARIOS.flatMap(s => s.breaks.map((_, i) => [s.id, i] as const)))(
    '%s, break %i: is followed to the letter',
    (id, i) => {
      const card = known(
        createLab()
          .catalogue()
          .scenarios.find(s => s.id === id),
        id,
      )
      expect(opened(known(card.breaks[i], 'break').link).problems).toEqual([])
    },
  )

  it('whose settings nobody knows opens the nearest ones that work, and says so for each', () => {
    const { run, problems } = opened({
      scenario: 'munmap-forced-flsh',
      kernel: '3.81',
      driver: 'Naive',
      arch: 'riscv',
      switches: { drainWalks: 'false', tableFree: 'rcu' },
    })
    expect(run.scenario.id).toBe('munmap-forced-flush')
    expect(problems.map(p => `${p.at}: ${p.message}`)).toMatchInlineSnapshot(`
      [
        "s: there is no scenario “munmap-forced-flsh”",
        "kernel: there is no kernel “3.81”",
        "driver: there is no driver “Naive”",
        "arch: there is no arch “riscv”",
        "switches.drainWalks: there is no switch “drainWalks”",
      ]
    `)
    expect(run.changed).toEqual(['tableFree'])
  })

  it('whose scenario is like none opens the first', () => {
    const { run, problems } = opened({ scenario: 'x'.repeat(1000) })
    expect(run.scenario.id).toBe('munmap-plain')
    expect(problems[0]?.message.length).toBeLessThan(100)
  })

  it('with a schedule that cannot be followed is followed as far as it goes', () => {
    const { snapshot, problems } = opened({ ...FORCED, schedule: '0003x9' })
    expect(snapshot.length).toBe(4)
    expect(problems).toEqual([
      { at: 'schedule step 5', message: 'there is no actor 33', mend: 'The run is shown up to step 4' },
    ])
    expect(opened({ ...FORCED, schedule: '00000' }).problems.map(p => p.message)).toEqual([
      'CPU 0 cannot move: the IOMMU has not executed the invalidate yet',
    ])
  })

  it('with a schedule that is no schedule is read up to there', () => {
    const { snapshot, problems } = opened({ ...FORCED, schedule: '000?3' })
    expect(snapshot.length).toBe(3)
    expect(problems.map(p => p.at)).toEqual(['schedule step 4, column 4'])
  })

  it('whose run ends in another state names the first step at which it differs', () => {
    const { snapshot } = opened({ ...FORCED, schedule: '000302' })
    const { problems } = opened({ ...snapshot.link, schedule: '000322' })
    expect(problems).toEqual([
      {
        at: 'schedule step 5',
        message: 'the run goes another way than when the link was made',
        mend: 'The state differs first there.',
      },
    ])
  })

  it('from another version of the model says which', () => {
    const checksum = '00000000'
    const { problems } = opened({ ...FORCED, schedule: '000', checksum, semantics: SEMANTICS + 1 })
    expect(problems).toEqual([
      {
        at: 'schedule steps 0 to 3',
        message: 'the run goes another way than when the link was made',
        mend: `The state differs first there. The link was made by version ${SEMANTICS + 1} of the model, this is ${SEMANTICS}.`,
      },
    ])
    expect(opened({ ...FORCED, schedule: '000', checksum: 'cafe' }).problems.map(p => p.at)).toEqual(['c'])
  })

  it.each([-1, 10 ** 9, 0.5, Number.NaN])('that points at step %d stands at one that there is', at => {
    const { snapshot, problems } = opened({ ...FORCED, schedule: '000', at })
    expect(snapshot.at).toBe(at > 3 ? 3 : 0)
    expect(problems.map(p => p.message)).toEqual([`step ${at} is not in this run`])
  })

  it('carries a scenario of the reader’s own', () => {
    const custom = JSON.stringify({ ...SCENARIOS[1], id: 'mine', title: 'Mine' })
    const { lab, run, problems } = opened({ scenario: 'mine', custom, kernel: '3.18' })
    expect([run.scenario.title, run.custom, problems]).toEqual(['Mine', custom, []])
    expect(lab.seek(0).link).toMatchObject({ scenario: 'mine', custom })
    const broken = opened({ scenario: 'mine', custom: custom.replace('"frames":', '"frame":') })
    expect(broken.run.scenario.id).toBe('munmap-plain')
    expect(broken.problems.length).toBeGreaterThan(0)
  })
})

describe('changing the settings of an open run', () => {
  it('keeps the moves that the reader has made', () => {
    const { lab, snapshot } = opened()
    let here = snapshot
    for (const name of ['CPU 0', 'CPU 0', 'CPU 0']) here = letMove(lab, here, name)
    const { run, snapshot: there, problems } = lab.change({ kernel: '3.19' })
    expect([run.settings.kernel, run.settings.driver, problems]).toEqual(['3.19', 'notifier', []])
    expect(there.film.map(s => s.actor.name)).toEqual(['CPU 0', 'CPU 0', 'CPU 0'])
  })

  it('makes a run that nobody has steered anew', () => {
    const { lab } = opened()
    expect(lab.change({ kernel: '6.6' }).snapshot.film).toEqual(opened({ ...FORCED, kernel: '6.6' }).snapshot.film)
  })

  it('says where the schedule cannot be followed any further', () => {
    // A walk that read its PTE just before the clear: in 3.19 the IOMMU drains it before the page may be freed.
    const { lab } = opened({ ...FORCED, schedule: '0003002*50*422' })
    const { problems, snapshot } = lab.change({ kernel: '3.19' })
    expect(problems[0]?.message).toContain('this schedule cannot be followed further in 3.19')
    expect(snapshot.world.rules.every(r => r.verdict !== 'violated')).toBe(true)
  })

  it('puts switches back with null', () => {
    const { lab } = opened({ ...FORCED, switches: { drainsWalks: 'false' } })
    expect(lab.change({ arch: 'arm64' }).run.changed).toEqual(['drainsWalks'])
    expect(lab.change({ switches: null }).run.changed).toEqual([])
  })
})

describe('exporting a run', () => {
  it('as text draws it like a race in a commit message', () => {
    const { lab } = opened({ ...FORCED, schedule: '0003022' })
    expect(lab.exportRun('text')).toMatchInlineSnapshot(`
      "CPU 0                     IOMMU                     GPU 0
      -----                     -----                     -----
      lock
      detach
      start
                                invalidate
      complete
                                                          miss
                                                          PGD
      "
    `)
  })

  it('as Markdown says each step in a sentence', () => {
    const { lab } = opened({ ...FORCED, schedule: '000' })
    expect(lab.exportRun('markdown')).toMatchInlineSnapshot(`
      "### munmap() with a full batch

      Kernel 3.18, driver naive, x86.

      | step | who | operation | what happens |
      | --- | --- | --- | --- |
      | 1 | CPU 0 | \`down_write\` | CPU 0: munmap of buf[0] to buf[1] begins. |
      | 2 | CPU 0 | \`detach_vmas_to_be_unmapped\` | CPU 0: buf[0] to buf[1] leaves the VMA tree. |
      | 3 | CPU 0 | \`__mmu_notifier_invalidate_range_start\` | CPU 0: invalidate_range_start for buf[0] to buf[1], all of it still mapped. |
      "
    `)
  })

  it('as JSON is a link and its steps', () => {
    const { lab, snapshot } = opened({ ...FORCED, schedule: '000' })
    const read = JSON.parse(lab.exportRun('json'))
    expect(read).toMatchObject(JSON.parse(JSON.stringify(snapshot.link)))
    expect(read.steps.map((s: { op: string }) => s.op)).toEqual(snapshot.film.map(s => s.op))
  })
})
