import { Cost } from '../../panels/explore/cost/Cost.tsx'
import { costMarkdown } from '../../panels/explore/cost/cost-markdown.ts'
import { coverageWords, seriesOf } from '../../panels/explore/cost/series.ts'
import type { StudyAnswer } from '../../worker/study-api.ts'
import { labHash } from '../route.ts'
import { count } from './answer.ts'
import { Copying } from './Copying.tsx'
import { useCopy } from './use-copy.ts'

/** What one scenario costs in every kernel, each figure with a run to watch, and all of it as text. */
export function CostLook({ answer }: { readonly answer: StudyAnswer<'cost'> }) {
  const { copied, copy } = useCopy()
  const { title, families, measures, columns } = answer
  const hrefOf = (column: number, schedule: string): string => {
    const link = columns[column]?.link
    return labHash(link === undefined ? null : { ...link, schedule })
  }
  const markdown = () => costMarkdown(title, coverageWords(columns, count), seriesOf(measures, columns), columns)
  return (
    <>
      <Cost families={families} measures={measures} columns={columns} hrefOf={hrefOf} count={count}>
        <button type="button" className="press" onClick={() => void copy('The text', markdown())}>
          Copy as Markdown
        </button>
      </Cost>
      <Copying copied={copied} />
    </>
  )
}
