import type { ReactNode } from 'react'
import type { RuleView, StepView } from '../../core/view/world.ts'
import { captionOf } from '../shared/captions.ts'
import { keyed } from '../shared/keyed.ts'
import { Mark } from '../shared/Mark.tsx'
import type { PageName } from '../shared/words.ts'
import '../shared/shared.css'
import './side.css'
import { verdictWord } from './RulesPanel.tsx'

export interface StepProps {
  /** The step that led here; null before the first one. */
  readonly step: StepView | null
  /** Why the run is over, or null while someone can move. */
  readonly ending: { readonly kind: 'finished' | 'deadlock' | 'damage'; readonly sentence: string } | null
  readonly rules: readonly RuleView[]
  readonly nameOf: PageName
  /** What to read before the first step: the scenario's purpose. */
  readonly opening: string
  /** Shows the rules in full. */
  onShowRules(): void
  /** What can be done from here: replay elsewhere, compare. */
  readonly children?: ReactNode
}

/** What happened in this step and why it matters. */
export function StepPanel({ step, ending, rules, nameOf, opening, onShowRules, children }: StepProps) {
  return (
    <div className="side-panel step-panel">
      {step === null ? (
        <>
          <h2 className="step-sentence">Before the first step</h2>
          <p className="step-why">{opening}</p>
        </>
      ) : (
        <StepStory step={step} />
      )}
      {ending !== null && (
        <p className={`ending ending-${ending.kind}`}>
          <Mark kind={ending.kind === 'finished' ? 'done' : ending.kind === 'damage' ? 'damage' : 'warning'} />
          {ending.sentence}
        </p>
      )}
      {children}
      <RulesSummary rules={rules} onShowRules={onShowRules} />
      {step !== null && step.stack.length > 0 && <CallStack step={step} />}
      {step !== null && step.events.length > 0 && <EventList step={step} nameOf={nameOf} />}
    </div>
  )
}

function StepStory({ step }: { readonly step: StepView }) {
  return (
    <>
      <p className="step-who">
        Step {step.number} · {step.actor.name}
      </p>
      <h2 className={`step-sentence step-${step.tone}`}>{step.sentence}</h2>
      {step.why !== '' && <p className="step-why">{step.why}</p>}
    </>
  )
}

function CallStack({ step }: { readonly step: StepView }) {
  return (
    <section>
      <h3 className="panel-title">Call stack</h3>
      <ol className="call-stack mono">
        {keyed(step.stack, name => name).map(([key, name]) => (
          <li key={key}>{name}</li>
        ))}
      </ol>
      <p className="source mono">{step.stack.at(-1) === step.op ? step.file : `${step.op} · ${step.file}`}</p>
    </section>
  )
}

/** Every event of the step, in the words of transcript and export. */
function EventList({ step, nameOf }: { readonly step: StepView; readonly nameOf: PageName }) {
  // A device's step speaks of that device only.
  const device = (index: number): string => (step.actor.kind === 'device' ? step.actor.name : `device ${index}`)
  const sentences = step.events.map(event => captionOf(event, nameOf, device))
  return (
    <section>
      <h3 className="panel-title">What was seen, event by event</h3>
      <ol className="event-list">
        {keyed(sentences, text => text).map(([key, text]) => (
          <li key={key}>{text}</li>
        ))}
      </ol>
    </section>
  )
}

/** The verdicts, one line each; the rules that do not hold come with a reason. */
function RulesSummary({ rules, onShowRules }: Pick<StepProps, 'rules' | 'onShowRules'>) {
  return (
    <section>
      <h3 className="panel-title">
        Rules
        <button type="button" className="link-button" onClick={onShowRules}>
          Show all
        </button>
      </h3>
      <ul className="rule-lines">
        {rules.map(rule => (
          <li key={rule.id} className={`rule-${rule.verdict}`}>
            <Mark kind={rule.verdict} />
            <span>
              {rule.sentence}
              <span className={rule.verdict === 'holds' ? 'unseen' : 'rule-word'}> {verdictWord[rule.verdict]}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
