import { Findings } from '../../panels/traces/Findings.tsx'
import { Intake } from '../../panels/traces/Intake.tsx'
import { Progress } from '../../panels/traces/Progress.tsx'
import { RecordingTable } from '../../panels/traces/RecordingTable.tsx'
import { tracesHash } from '../route.ts'
import { findings } from './findings.ts'
import { openText } from './open-link.ts'
import type { RecordingCard } from './recordings.ts'
import type { Verdicts } from './use-verdicts.ts'

interface Props {
  readonly cards: readonly RecordingCard[]
  readonly verdicts: Verdicts
  readonly onFile: (file: File) => void
}

/** All recordings with what came of comparing them, and what they show. */
export function Overview({ cards, verdicts, onFile }: Props) {
  const known = new Set(cards.map(c => c.name))
  return (
    <div className="overview-place">
      <div className="overview-main">
        <header>
          <h2>What real kernels did</h2>
          <p className="overview-lead">
            Small programs changed their address space, ftrace wrote down what the kernel did, and a notifier looked at
            the page table in each of its callbacks. The simulator gets the same circumstances and has to come to the
            same order by itself.
          </p>
        </header>
        {cards.length > 0 && (
          <>
            <Progress
              done={verdicts.judged.size}
              of={cards.length}
              now={verdicts.now}
              stopped={verdicts.stopped}
              counts={countsOf(verdicts)}
              onStop={verdicts.stop}
              onResume={verdicts.resume}
            />
            <RecordingTable
              recordings={cards}
              judged={verdicts.judged}
              judging={verdicts.now}
              hrefOf={name => tracesHash(openText(name))}
            />
          </>
        )}
      </div>
      <div className="overview-side">
        <Intake onFile={onFile} />
        <Findings
          findings={findings.map(({ claim, shown }) => ({
            claim,
            shown: shown
              .filter(([name]) => known.has(name))
              .map(([name, step]) => ({ name, href: tracesHash(openText(name, step)) })),
          }))}
        />
      </div>
    </div>
  )
}

function countsOf({ judged }: Verdicts) {
  const all = [...judged.values()]
  const of = (verdict: string) => all.filter(j => 'verdict' in j && j.verdict === verdict).length
  return {
    same: of('same'),
    inPart: of('in-part'),
    differs: of('differs'),
    notModelled: of('not-modelled'),
    failed: all.filter(j => 'failed' in j).length,
  }
}
