import { count, readable } from './answer.ts'
import type { Hunt } from './explore-store.ts'

/** Where an answer can be opened. */
export interface AnswerLinks {
  /** The question, to be searched again. */
  readonly explore: string
  /** The run that was found, or null. */
  readonly watch: string | null
}

/** `Linux 3.18 · naive · x86 · drainsWalks: false` */
export function settingsLine({ begun }: Hunt, nameOf = (kernel: string) => kernel): string {
  if (begun === null) return ''
  const { kernel, driver, arch, switches } = begun.settings
  return [`Linux ${nameOf(kernel)}`, driver, arch, ...Object.entries(switches).map(([id, v]) => `${id}: ${v}`)].join(
    ' · ',
  )
}

/** What was looked at, and how. */
export function coverageLine({ begun, report }: Hunt): string {
  if (begun === null || report === null) return ''
  const { cpus, devices, pages, frames, stateBytes, limits } = begun.coverage
  const depth = report.depth === null ? '' : `depth ${report.depth}, `
  const how =
    limits.reduced === true ? 'as few states as the verdict needs' : 'every order of every step, no reductions'
  return (
    `${count(report.states)} states, ${count(report.transitions)} moves, ${depth}${report.seconds.toFixed(2)} s; ` +
    `whole states of ${stateBytes} bytes compared; ${how}. ${cpus} CPUs, ${devices} devices, ${pages} pages, ${frames} frames.`
  )
}

/** The answer for a message; `run` is the table of the run that was found, or ''. */
export function huntMarkdown(hunt: Hunt, links: AnswerLinks, run: string): string {
  const title = hunt.begun?.scenario.title ?? ''
  const lines = [
    `## ${title}: every interleaving`,
    '',
    settingsLine(hunt),
    '',
    `**${readable(hunt.report?.verdict?.sentence ?? '')}**`,
    '',
    coverageLine(hunt),
    '',
    links.watch === null ? `[Search it](${links.explore})` : `[Watch it](${links.watch})`,
  ]
  return `${lines.join('\n')}\n${run === '' ? '' : `\n${run}`}`
}

/** The answer for a program; `run` is the exported run as JSON text, or ''. */
export function huntJson(hunt: Hunt, links: AnswerLinks, run: string): string {
  const { begun, report } = hunt
  const verdict = report?.verdict ?? null
  const answer = {
    scenario: begun?.scenario.id,
    settings: begun?.settings,
    verdict: verdict?.kind,
    sentence: verdict?.sentence,
    property: verdict?.property,
    states: report?.states,
    transitions: report?.transitions,
    depth: report?.depth,
    seconds: report?.seconds,
    coverage: begun?.coverage,
    rules: begun?.rules,
    links,
    run: run === '' ? null : (JSON.parse(run) as unknown),
  }
  return `${JSON.stringify(answer, null, 2)}\n`
}
