import { assert } from '../base/assert.ts'
import { failed, type Parsed, type Problem, parsed } from '../base/problem.ts'
import { LIMITS } from '../scenarios/scenario.ts'
import type { Choice } from '../threads/choice.ts'

/** Who moved, step by step. Together with scenario and settings it is the whole run. */
export type Schedule = readonly Choice[]

/** What two base-36 digits can say. More pages than a region may have. */
const MOST_ALTERNATIVES = 36 ** 2
/** What one digit can say, and the shortest run for which saying it is shorter. */
const LONGEST_RUN = 35
const SHORTEST_RUN = 4
/** The longest way to write one step: actor, `_`, two digits, `*`, count. */
const STEP_TEXT = 6

/**
 * A schedule as text, for links and scenario files: `000322*5`. Base-36 digits in lower case, and three signs that a URL
 * fragment carries as they are. Everything has a fixed width, so nothing needs a separator:
 *
 *     text  = { step [ run ] }
 *     step  = actor [ alternative ]
 *     actor = digit                 place in the scenario's list of actors
 *     alternative = "." digit       1 … z (35); none means 0, the only one there is for most moves
 *                 | "_" digit digit 10 … zz (36 … 1295)
 *     run   = "*" digit             the step is taken that many times in all, 1 … z; longer runs are several in a row
 *
 * So `000322*5` is 0, 0, 0, 3, 2 and then 2 five times; `3.a*4` is actor 3 with its alternative 10, four times.
 * Writing is canonical: equal schedules give equal texts. Runs shorter than four are spelled out.
 */
export function encodeSchedule(schedule: Schedule): string {
  let text = ''
  let at = 0
  while (at < schedule.length) {
    const step = schedule[at] as Choice
    const written = encodeStep(step)
    let count = 1
    while (count < LONGEST_RUN && sameChoice(schedule[at + count], step)) count++
    text += count < SHORTEST_RUN ? written.repeat(count) : `${written}*${count.toString(36)}`
    at += count
  }
  return text
}

function encodeStep({ actor, alternative }: Choice): string {
  assert(isDigitValue(actor), `actor ${actor} has no digit`)
  assert(Number.isInteger(alternative) && alternative >= 0 && alternative < MOST_ALTERNATIVES, 'alternative fits')
  const who = actor.toString(36)
  if (alternative === 0) return who
  return `${who}${alternative < 36 ? '.' : '_'}${alternative.toString(36)}`
}

const isDigitValue = (n: number): boolean => Number.isInteger(n) && n >= 0 && n < 36
const sameChoice = (a: Choice | undefined, b: Choice): boolean =>
  a !== undefined && a.actor === b.actor && a.alternative === b.alternative

/** The schedule, or the first thing in the text that keeps it from being one. */
export function decodeSchedule(text: string, where = 'schedule'): Parsed<Schedule> {
  const { steps, problem } = readSchedule(text, where)
  return problem === null ? parsed(steps) : failed(problem)
}

/** As far as the text can be read: the steps up to the first problem, for those who would rather follow a part than nothing. */
export function readSchedule(
  text: string,
  where = 'schedule',
): { readonly steps: Schedule; readonly problem: Problem | null } {
  const steps: Choice[] = []
  const stop = (column: number, message: string, mend: string) => ({
    steps,
    problem: { at: `${where} step ${steps.length + 1}, column ${column + 1}`, message, mend },
  })
  if (text.length > LIMITS.scheduleLength * STEP_TEXT) return stop(0, 'the text is too long', TOO_LONG)

  let at = 0
  while (at < text.length) {
    const start = at
    const actor = digitAt(text, at)
    if (actor < 0) return stop(at, `${shown(text, at)} does not name an actor`, DIGITS)
    at++

    let alternative = 0
    const width = text[at] === '.' ? 1 : text[at] === '_' ? 2 : 0
    if (width > 0) {
      for (let i = 1; i <= width; i++) {
        const digit = digitAt(text, at + i)
        if (digit < 0) return stop(at + i, `${shown(text, at + i)} does not name an alternative`, DIGITS)
        alternative = alternative * 36 + digit
      }
      at += width + 1
    }

    let count = 1
    if (text[at] === '*') {
      count = digitAt(text, at + 1)
      if (count < 0) return stop(at + 1, `${shown(text, at + 1)} does not say how often`, DIGITS)
      if (count === 0)
        return stop(at, 'a step is repeated 0 times', 'Leave the step out, or repeat it 1 to z (35) times.')
      at += 2
    }
    // Before anything is written out: a short text must not become a long schedule.
    if (steps.length + count > LIMITS.scheduleLength) return stop(start, 'the schedule is too long', TOO_LONG)
    for (let i = 0; i < count; i++) steps.push({ actor, alternative })
  }
  return { steps, problem: null }
}

const TOO_LONG = `A schedule has at most ${LIMITS.scheduleLength} steps.`
const DIGITS = 'Write one digit, 0 to 9 or a to z in lower case.'

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 10
  return -1
}

function shown(text: string, at: number): string {
  const point = text.codePointAt(at)
  return point === undefined ? 'the end of the text' : `“${String.fromCodePoint(point)}”`
}
