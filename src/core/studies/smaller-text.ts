import { unreachable } from '../base/assert.ts'
import type { Measures, SmallestCase } from './smaller.ts'
import type { Dropped, Kept } from './smaller-scenario.ts'
import type { StepNeed } from './smaller-steps.ts'

/*
 * What a smallest case says, in sentences: the same on the page, in Markdown and on the command line. Each claims what was found
 * out and no more.
 */

/** What was found about runs without a step, for the column “Without it”. */
export function needText({ need, times }: StepNeed): string {
  const so = times === 1 ? '' : times === 2 ? 'Once only: ' : `${times - 1} times only: `
  switch (need.kind) {
    case 'every-run':
      return capital(`${so}the rule holds ${inAll(need.states)}.`)
    case 'this-run':
      return capital(`${so}another run breaks the rule in ${steps(need.schedule.length)}.`)
    case 'undecided':
      return capital(`${so}nothing found in ${need.states} states; the rest were not looked at.`)
    default:
      return unreachable(need)
  }
}

/** What the rest of the run comes to without a step. */
export function withoutText({ number, without }: StepNeed): string {
  const { later, schedule, broken } = without
  const made = later.filter(step => step.why === '').length
  const rest =
    later.length === 0
      ? 'No step comes after it'
      : `Without step ${number}, ${made === 0 ? 'none' : made} of the ${later.length} later ${later.length === 1 ? 'step' : 'steps'} can still be made`
  return `${rest}. The run ends after ${steps(schedule.length)}, and the rule is ${broken ? 'broken all the same' : 'not broken'}.`
}

/** `IOTLB entries: 4 to 1`, `CPU 1` */
export const droppedText = ({ what, size }: Dropped): string =>
  size === null ? what : `${what}: ${size.from} to ${size.to}`

/** What stays: `CPU 0`, `frames: 7` */
export const keptName = ({ what, size }: Kept): string => (size === null ? what : `${what}: ${size}`)

/** Why it stays. */
export function keptText({ size, why }: Kept): string {
  const without = size === null ? 'Without it' : 'With one less'
  switch (why.kind) {
    case 'holds':
      return `${without} the rule holds ${inAll(why.states)}.`
    case 'longer':
      return `${without} the rule is still broken, but in no fewer than ${steps(why.steps)}.`
    case 'invalid':
      return `${without} there is no such scenario: ${why.message}.`
    case 'undecided':
      return `${without} nothing was found in ${why.states} states; the rest were not looked at.`
    default:
      return unreachable(why)
  }
}

/** What came of the run that was given; '' when there was none. */
export function givenText({ given, found }: SmallestCase): string {
  if (given === null) return ''
  const { steps: all, shortened, shortest } = given
  const gone = all - shortened.length
  const left = shortest ? 'no choice of steps leaves fewer' : 'none of these can be left out alone'
  return [
    `Your run breaks the rule at step ${all}.`,
    gone === 0
      ? 'None of its steps can be left out.'
      : `Without ${gone} of its steps the other ${shortened.length} still break it; ${left}.`,
    ...(found === null ? [] : [`A shortest run of the whole scenario has ${steps(found)}.`]),
  ].join(' ')
}

/** What the case is, in two sentences. */
export function caseText({ after, shortest, rule }: SmallestCase): string {
  const who = [
    counted(after.cpus, 'CPU'),
    ...(after.devices === 0 ? [] : [counted(after.devices, 'device')]),
    counted(after.pages, 'page'),
  ]
  const run = shortest ? `in ${steps(after.steps)}, and no run breaks it in fewer` : `in ${steps(after.steps)}`
  return `${who.slice(0, -1).join(', ')} and ${who.at(-1)} are enough. “${rule.sentence}” is still broken ${run}.`
}

/** How far the claims go. */
export const SMALLEST_MEANS: readonly string[] = [
  'A part is left out, or a size made smaller, while the same rule is broken in no more steps. What is left was tried one by one on the smallest case itself; two at once were not.',
  'It is the same rule, not always the same way of breaking it.',
  'Batch size, addresses, kernel, driver and switches stay as they are; page tables always have four levels.',
]

/** What “Without it” means. */
export const NEED_MEANS =
  'Without it: every run of this scenario in which the actor never makes this step (or once less than here), whatever the others do, in every order.'

/** Measures by name, in the order in which they are shown. */
export const MEASURES: readonly (readonly [keyof Measures, string])[] = [
  ['steps', 'steps'],
  ['actors', 'actors'],
  ['cpus', 'CPUs'],
  ['devices', 'devices'],
  ['actions', 'script actions'],
  ['regions', 'regions'],
  ['pages', 'pages'],
  ['frames', 'frames'],
  ['entries', 'TLB and walk-cache entries'],
  ['queue', 'queue slots'],
  ['states', 'states'],
]

export const measureText = (value: number | null): string => (value === null ? 'too many' : String(value))

/** `` `zap_pte_range` clear the PTE of buf[0] `` */
const stepText = ({ actor, lane, fn, label }: StepNeed): string =>
  `${actor === lane ? '' : `${actor}: `}\`${fn}\` ${label}`

/** The case for a message. `links` lead to the smallest run and to what is left of the reader's own. */
export function smallestMarkdown(
  found: SmallestCase,
  title: string,
  settings: string,
  links: { readonly watch: string; readonly given: string | null },
): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  const lines = [
    `## ${title}: smallest case`,
    '',
    settings,
    '',
    `**${caseText(found)}** [Watch it](${links.watch})`,
    '',
    ...(found.given === null
      ? []
      : [`${givenText(found)}${links.given === null ? '' : ` [Watch it](${links.given})`}`, '']),
    row(['', ...MEASURES.map(([, name]) => name)]),
    row(['---', ...MEASURES.map(() => '---:')]),
    row(['before', ...MEASURES.map(([key]) => measureText(found.before[key]))]),
    row(['after', ...MEASURES.map(([key]) => measureText(found.after[key]))]),
    '',
    '### The run',
    '',
    row(['step', ...found.lanes, 'without it']),
    row(['---:', ...found.lanes.map(() => '---'), '---']),
    ...found.steps.map(step =>
      row([
        String(step.number),
        ...found.lanes.map(lane => (lane === step.lane ? stepText(step) : '')),
        needText(step),
      ]),
    ),
    '',
    NEED_MEANS,
    '',
    '### Left out',
    '',
    ...(found.dropped.length === 0 ? ['Nothing could go.'] : found.dropped.map(dropped => `- ${droppedText(dropped)}`)),
    '',
    '### Kept',
    '',
    ...found.kept.map(kept => `- ${keptName(kept)}. ${keptText(kept)}`),
    '',
    ...SMALLEST_MEANS.map(text => `${text}`),
  ]
  return `${lines.join('\n')}\n`
}

const inAll = (states: number): string => (states === 1 ? 'in its only state' : `in all ${states} states`)
const steps = (n: number): string => counted(n, 'step')
const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
