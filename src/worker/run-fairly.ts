import { fairChoice, type Run } from '../core/runs/run.ts'

/** Steps of the run that an opened scenario comes with: enough for every shipped one to end. */
export const DEMO_LENGTH = 400

/** Lets everybody move in turn. */
export function runFairly(run: Run, limit: number): void {
  let last = run.choices[run.length - 1]?.actor ?? -1
  for (let i = 0; i < limit; i++) {
    const choice = fairChoice(run.lab, run.stateAt(run.length), last)
    if (choice === undefined) return
    run.push(choice)
    last = choice.actor
  }
}
