import { useLab } from './lab-context.ts'

/** The step in large type, while presenting: what happened and why it matters, in a place that keeps its height. */
export function Caption() {
  const snapshot = useLab(s => s.snapshot)
  const purpose = useLab(s => s.run?.scenario.purpose ?? '')
  if (snapshot === null) return null
  const { step, ending, at, length } = snapshot
  const last = at === length ? ending : null
  return (
    <section className="caption" aria-label="This step">
      <h2 className={step === null ? 'step-sentence' : `step-sentence step-${step.tone}`}>
        {step?.sentence ?? 'Before the first step'}
      </h2>
      <p>{step === null ? purpose : step.why || last?.sentence}</p>
    </section>
  )
}
