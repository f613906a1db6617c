import { known } from '../base/assert.ts'
import { Run } from '../runs/run.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Actor } from '../threads/actor.ts'
import type { Choice } from '../threads/choice.ts'
import type { StepView } from '../view/world.ts'

/** The run of these choices; fails where one cannot be made, and says why. */
export function runOf(lab: Lab, choices: readonly Choice[]): Run {
  const run = new Run(lab)
  for (const choice of choices) {
    const reason = run.refusal(run.length, choice)
    if (reason !== '') throw new Error(`step ${run.length + 1}: ${reason}`)
    run.push(choice)
  }
  return run
}

/**
 * Lets one actor run to its end, alone: somebody else moves only while it cannot, and then only those that answer to it
 * (interrupts, the IOMMU, the fault worker). What they leave behind, such as tables that wait for RCU, is done last.
 */
export function runAlone(lab: Lab, who = 0): Run {
  const run = new Run(lab)
  finish(run, who)
  return run
}

/** From where the run stands, likewise. */
export function finish(run: Run, who: number): void {
  const { actors } = run.lab
  const lead = known(actors[who], 'actor')
  for (;;) {
    const m = run.stateAt(run.length)
    const next = lead.ready(m) > 0 ? lead : actors.find(a => answers(a) && a.ready(m) > 0)
    if (next === undefined) return
    run.push({ actor: next.id, alternative: 0 })
  }
}

const answers = (actor: Actor): boolean => actor.kind !== 'cpu' && actor.kind !== 'device'

/** A run the way races are drawn in commit messages: a column per actor, time downwards, `operation [mark]`. */
export function filmOf(run: Run): string {
  const lanes = run.lab.actors.map(a => a.name).filter(name => run.film.some(s => s.actor.name === name))
  const cells = run.film.map(s => ({ lane: lanes.indexOf(s.actor.name), text: textOf(s) }))
  const widths = lanes.map((name, lane) =>
    Math.max(name.length, ...cells.filter(c => c.lane === lane).map(c => c.text.length)),
  )
  const row = (texts: readonly string[]): string =>
    texts
      .map((text, lane) => text.padEnd(known(widths[lane], 'width') + 2))
      .join('')
      .trimEnd()
  return [row(lanes), ...cells.map(c => row(lanes.map((_, lane) => (lane === c.lane ? c.text : ''))))].join('\n')
}

/** The operations of one actor, in order. */
export const opsOf = (run: Run, actor: string): string[] => run.film.filter(s => s.actor.name === actor).map(textOf)

/** Under the name that the function has in our programs, which is the same in every kernel. */
export const fnOf = ({ key }: StepView): string => key.slice(key.lastIndexOf('|') + 1)

const textOf = (step: StepView): string => `${fnOf(step)} [${step.mark === step.op ? fnOf(step) : step.mark}]`
