import { useState } from 'react'
import { useStore } from 'zustand'
import type { Problem } from '../../core/base/problem.ts'
import type { Bug } from '../../core/bugs/bug.ts'
import type { Side } from '../../core/bugs/settings-of.ts'
import { KERNELS } from '../../core/policy/catalogue.ts'
import { Interleaving } from '../../panels/bugs/Interleaving.tsx'
import { SidePicker } from '../../panels/bugs/SidePicker.tsx'
import { TurnNote } from '../../panels/bugs/TurnNote.tsx'
import { Verdict } from '../../panels/explore/Verdict.tsx'
import { StagePanel } from '../../panels/stage/StagePanel.tsx'
import type { BugStory } from '../../worker/bug-api.ts'
import { useHandles } from '../lab-context.ts'
import { labHash } from '../route.ts'
import { BugHead, BugTale } from './BugFrame.tsx'
import { bugPath } from './bug-route.ts'
import { nameOf } from './bug-store.ts'
import { answerText, changeRows, kernelLabel, olderText, settingsText, stageRows } from './bug-text.ts'
import { bugs } from './session.ts'

interface Props {
  readonly bug: Bug
  readonly side: Side
  readonly problem: Problem | null
}

/** One bug: its story, its verdicts with it and without, the kernels, and the run beside the machine. */
export function BugView({ bug, side, problem }: Props) {
  const { store } = useHandles()
  const name = nameOf({ bug: bug.id, side })
  const story = useStore(bugs, s => s.stories.get(name) ?? null)
  // While the next settings are on their way the last ones stay, so that nothing jumps.
  const [last, setLast] = useState<{ readonly bug: string; readonly story: BugStory } | null>(null)
  if (story !== null && last?.story !== story) setLast({ bug: bug.id, story })
  const shown = story ?? (last?.bug === bug.id ? last.story : null)
  const lost = useStore(bugs, s => s.lost)
  const choose = (next: string) => store.getState().go('bugs', bugPath(bug.id, next as Side))
  return (
    <>
      <BugHead
        problem={problem}
        lost={lost === '' ? '' : `The search was lost: ${lost}.`}
        onAgain={() => void bugs.getState().look({ bug: bug.id, side })}
      />
      <div className="bug-top">
        <BugTale bug={bug} />
        <section className="sheet bug-try" aria-label="With the bug and without">
          <SidePicker
            sides={[
              { id: 'present', label: 'With the bug', possible: null },
              { id: 'fixed', label: 'Without it', possible: null },
            ]}
            kernels={KERNELS.map(k => ({
              id: k.id,
              label: k.label,
              possible: shown?.stands.find(s => s.kernel === k.id)?.possible ?? null,
            }))}
            current={side}
            note={shown === null ? '' : olderText(bug, shown.stands)}
            onChoose={choose}
          />
          {shown !== null && <p className="bug-settings mono">{settingsText(shown.settings)}</p>}
          <Answers bug={bug} side={side} />
        </section>
      </div>
      {shown === null ? <p className="loading">Playing the run…</p> : <Played bug={bug} side={side} story={shown} />}
    </>
  )
}

/** What every interleaving says of the rule: for the settings that are chosen in large letters, for the two others small. */
function Answers({ bug, side }: { readonly bug: Bug; readonly side: Side }) {
  const verdicts = useStore(bugs, s => s.verdicts)
  const of = (s: Side) => verdicts.get(nameOf({ bug: bug.id, side: s }))
  const chosen = of(side)
  const answer = answerText(bug.rule, chosen)
  const shortest = chosen?.kind === 'answered' ? chosen.verdict.shortest : null
  const others = (['present', 'fixed'] as const).filter(s => s !== side)
  return (
    <div className="bug-answers">
      <p className="unseen" role="status">
        {chosen?.kind === 'answered' ? `${answer.headline} ${answer.rest}` : ''}
      </p>
      <Verdict answer={answer} />
      {shortest !== null && (
        <p>
          <a href={labHash(shortest.link)}>Watch a shortest run that breaks it</a>
        </p>
      )}
      {others.map(s => {
        const { headline, rest } = answerText(bug.rule, of(s))
        return (
          <p key={s} className="bug-other">
            {s === 'present' ? 'With the bug' : 'Without it'}: <strong>{headline}</strong> {rest}
          </p>
        )
      })}
    </div>
  )
}

/** The run, step by step, beside the machine after one of its steps. */
function Played({ bug, side, story }: { readonly bug: Bug; readonly side: Side; readonly story: BugStory }) {
  const verdicts = useStore(bugs, s => s.verdicts)
  const rows = stageRows(bug, story)
  const ends = story.stages.length - 1
  const [chosen, setChosen] = useState<number | null>(null)
  const current = Math.min(chosen ?? ends, ends)
  const stage = story.stages[current]
  const last = stage?.steps.at(-1)?.step
  const { turn } = story
  return (
    <>
      {turn !== null && (
        <TurnNote
          possible={kernelLabel(turn.possible)}
          impossible={kernelLabel(turn.impossible)}
          mended={turn.way === 'mended'}
          rows={changeRows(bug.id, turn, verdicts)}
        />
      )}
      {turn === null && !story.possible && side !== 'fixed' && side !== 'present' && (
        <p className="sheet turn">In none of these kernels can the run be made as they are: it takes the switch.</p>
      )}
      <div className="bug-run">
        <section className="sheet bug-steps" aria-labelledby="bug-run-title">
          <h3 id="bug-run-title">The interleaving</h3>
          <p className="bug-run-lead" role="status">
            {story.possible
              ? 'It can be made here, and does the harm.'
              : `It cannot be made here. It ends at step ${(story.stuck?.stage ?? 0) + 1}.`}
          </p>
          <Interleaving rows={rows} current={current} onChoose={setChosen} />
        </section>
        {stage !== undefined && (
          <section className="sheet bug-stage" aria-label={`The machine after step ${current + 1}`}>
            <p className="bug-caption">
              {last === undefined ? 'The machine at its start.' : `After step ${current + 1}: ${last.sentence}`}
            </p>
            <StagePanel
              world={stage.world}
              before={stage.before}
              events={last?.events ?? NO_EVENTS}
              progress={1}
              reducedMotion={true}
              selected={null}
              onSelect={() => undefined}
              actor={last?.actor.name}
            />
          </section>
        )}
      </div>
    </>
  )
}

const NO_EVENTS: readonly never[] = []
