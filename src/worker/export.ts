import type { LabApi } from './lab-api.ts'
import type { OpenRun } from './open-run.ts'
import { linkOf } from './snapshot.ts'

/** The open run as JSON for programs, Markdown for a message, or plain text with a column per lane. */
export function exportText(open: OpenRun, format: Parameters<LabApi['exportRun']>[0]): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ ...linkOf(open), steps: open.run.film.map(s => ({ step: s.number, actor: s.actor.name, op: s.op, file: s.file, sentence: s.sentence })) }, null, 2)}\n`
    case 'markdown':
      return markdown(open)
    case 'text':
      return columns(open)
  }
}

function markdown(open: OpenRun): string {
  const { scenario, settings, without } = open.resolved
  const head = [
    `### ${scenario.title}`,
    '',
    `Kernel ${settings.kernel}, driver ${settings.driver}, ${settings.arch}.${without.length === 0 ? '' : ` Left out: ${without.join(', ')}.`}`,
    '',
    '| step | who | operation | what happens |',
    '| --- | --- | --- | --- |',
  ]
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  return `${[...head, ...open.run.film.map(s => `| ${s.number} | ${s.actor.name} | \`${s.op}\` | ${cell(s.sentence)} |`)].join('\n')}\n`
}

const COLUMN = 26

/** The form in which races are drawn in commit messages: one column per actor, time downwards. */
function columns(open: OpenRun): string {
  const lanes = [...new Set(open.run.film.map(s => s.actor.name))]
  const pad = (text: string): string => text.slice(0, COLUMN - 2).padEnd(COLUMN)
  const rows = open.run.film.map(s =>
    lanes
      .map(lane => pad(lane === s.actor.name ? s.mark : ''))
      .join('')
      .trimEnd(),
  )
  return `${[
    lanes.map(pad).join('').trimEnd(),
    lanes
      .map(lane => pad('-'.repeat(Math.min(COLUMN - 2, lane.length))))
      .join('')
      .trimEnd(),
    ...rows,
  ].join('\n')}\n`
}
