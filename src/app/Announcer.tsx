import { useLab } from './lab-context.ts'

/** Speaks each step as it is shown: the sentence is the picture for those who listen. Where all runs are searched, no step is shown. */
export function Announcer() {
  const sentence = useLab(s => {
    if (s.snapshot === null || s.place === 'explore' || s.place === 'patch' || s.place === 'edit') return ''
    const { at, length, step, ending } = s.snapshot
    if (step === null) return `Before the first step of ${length}.`
    const end = at === length && ending !== null ? ` ${ending.sentence}` : ''
    return `Step ${at} of ${length}. ${step.sentence}${end}`
  })
  return (
    <p className="unseen" role="status" aria-live="polite" data-announcer="">
      {sentence}
    </p>
  )
}
