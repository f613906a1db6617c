import { useMemo } from 'react'
import { readSchedule, type Schedule } from '../../core/runs/schedule.ts'
import { StateGraphPicture } from '../../panels/explore/graph/StateGraphPicture.tsx'
import type { StudyAnswer } from '../../worker/study-api.ts'
import { useLab } from '../lab-context.ts'
import { exploreHash, labHash } from '../route.ts'
import { count } from './answer.ts'
import type { Question } from './explore-store.ts'
import { GraphExports } from './GraphExports.tsx'

interface Props {
  readonly answer: StudyAnswer<'graph'>
  readonly question: Question
}

/** The state graph of a question, its runs as links into the lab, and the graph to take along. */
export function GraphLook({ answer, question }: Props) {
  const labRun = useLabRun(question)
  const { link } = answer
  if (answer.kind === 'too-large')
    return (
      <p>
        There are more than {count(answer.limits.states)} states, or they need more than{' '}
        {count(answer.limits.bytes / 2 ** 20)} MiB: nothing is drawn, since a part would look like the whole. A smaller
        scenario can be drawn: fewer pages, fewer CPUs, fewer accesses of a device.
      </p>
    )
  const hrefOf = (schedule: string) => labHash({ ...link, schedule })
  return (
    <>
      <StateGraphPicture
        graph={answer}
        labRun={labRun}
        hrefOf={hrefOf}
        onFollow={href => {
          location.hash = href
        }}
        count={count}
      />
      <GraphExports question={question} />
    </>
  )
}

/** The run that stands in the lab, when it is a run of this question, of the whole kernel, and has steps. */
function useLabRun(question: Question): Schedule | null {
  const link = useLab(s => s.snapshot?.link ?? null)
  return useMemo(() => {
    if (link?.schedule === undefined || link.without !== undefined || exploreHash(link) !== question.name) return null
    const { steps } = readSchedule(link.schedule)
    return steps.length === 0 ? null : steps
  }, [link, question])
}
