import { absentEverywhere, type CostColumn, numberText, type Point, type Series, type Shown } from './series.ts'

/** All tables, for a mail or a page of notes. */
export function costMarkdown(
  title: string,
  lead: readonly string[],
  series: readonly Series[],
  columns: readonly CostColumn[],
): string {
  const parts = [`# What it costs: ${title}`, lead.join(' ')]
  for (const s of series) {
    const why = absentEverywhere(s)
    parts.push(`## ${s.title} (${s.unit})`, s.what)
    if (why !== null) parts.push(`Cannot be shown here: ${why}.`)
    else parts.push(tableOf(s, columns))
  }
  return `${parts.join('\n\n')}\n`
}

function tableOf({ points }: Series, columns: readonly CostColumn[]): string {
  const rows = columns.map((c, i) => `| ${c.kernel} | ${c.driver} | ${cellsOf(points[i]).join(' | ')} |`)
  return ['| kernel | driver | in turn | least | mean | most |', '|---|---|--:|--:|--:|--:|', ...rows].join('\n')
}

function cellsOf(point: Point | undefined): readonly string[] {
  if (point === undefined || point.absent !== null) return [point?.absent ?? 'not counted', '', '', '']
  const text = (shown: Shown | undefined): string =>
    shown === undefined || (shown.value === null && shown.schedule === null) ? 'none' : numberText(shown.value)
  return [text(point.fair), text(point.range?.least), numberText(point.mean), text(point.range?.most)]
}
