import { FileFacts, FileTrouble } from '../../panels/traces/FileFacts.tsx'
import { RecordingHead } from '../../panels/traces/RecordingHead.tsx'
import { StepList } from '../../panels/traces/StepList.tsx'
import type { TraceReport } from '../../worker/trace-api.ts'
import { tracesHash } from '../route.ts'
import { findStep, openText } from './open-link.ts'
import { Notice } from './PlaceNotice.tsx'
import { RecordedStep } from './RecordedStep.tsx'
import type { RecordingCard } from './recordings.ts'
import type { LinesOf } from './use-recording.ts'

interface Props {
  readonly report: TraceReport
  /** Null for a recording of the reader's own. */
  readonly card: RecordingCard | null
  readonly cards: readonly RecordingCard[]
  /** The step the address names (from 1), as it stands there. */
  readonly step: string | null
  readonly linesOf: LinesOf
  readonly onStep: (step: number) => void
  /** Back to the list. */
  readonly onList: () => void
}

/** One recording: where it comes from, what its program did, and one of its steps in full. */
export function RecordingView({ report, card, cards, step: wanted, linesOf, onStep, onList }: Props) {
  const { step: named, problem } = findStep(wanted, report.steps.length)
  const chosen = named ?? mostInteresting(report)
  const step = report.steps[chosen]
  const more = report.more[chosen]
  const at = card === null ? -1 : cards.indexOf(card)
  const hrefOf = (other: RecordingCard | undefined) => (other === undefined ? null : tracesHash(openText(other.name)))
  return (
    <>
      <RecordingHead
        title={card?.title ?? 'Your own recording'}
        file={card?.name ?? report.file}
        about={card?.about ?? ''}
        provenance={card?.provenance ?? ownProvenance(report)}
        download={card === null ? null : `./traces/${card.file}`}
        previous={card === null ? null : hrefOf(cards[at - 1])}
        next={card === null ? null : hrefOf(cards[at + 1])}
        list={tracesHash(null)}
        onList={onList}
      />
      {problem !== null && <Notice text={problem} />}
      <FileTrouble {...report} />
      {report.steps.length > 0 && <StepList steps={report.steps} current={chosen} onChoose={i => onStep(i + 1)} />}
      {step !== undefined && more !== undefined && (
        <RecordedStep key={chosen} step={step} more={more} kernel={report.kernel} linesOf={linesOf} />
      )}
      <FileFacts {...report} />
    </>
  )
}

function ownProvenance({ kernel, counts }: TraceReport): readonly string[] {
  return [
    kernel === null ? 'kernel unknown: held against 6.1' : `Linux ${kernel}, as the names of its events tell`,
    `${counts.records} events read`,
    'never left your browser, and is not part of the link',
  ]
}

/** The first step that differs; else that in which notifiers were called most: what the recording was made for. */
function mostInteresting({ steps, more }: TraceReport): number {
  const differing = steps.findIndex(s => s.verdict === 'differs')
  if (differing >= 0) return differing
  const calls = more.map(m => m.measured.length)
  return Math.max(0, calls.lastIndexOf(Math.max(...calls)))
}
