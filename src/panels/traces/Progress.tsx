interface Props {
  readonly done: number
  readonly of: number
  /** What is being compared now; null when nothing is. */
  readonly now: string | null
  readonly stopped: boolean
  readonly counts: {
    readonly same: number
    readonly inPart: number
    readonly differs: number
    readonly notModelled: number
    readonly failed: number
  }
  readonly onStop: () => void
  readonly onResume: () => void
}

/** How far the comparing of all recordings has got, and what came of it. */
export function Progress({ done, of, now, stopped, counts, onStop, onResume }: Props) {
  const whole = done >= of
  return (
    <section className="compared" aria-label="Compared with the simulator">
      <progress aria-label="Recordings compared" max={of} value={done} />
      <p>
        <b>
          {done} of {of}
        </b>{' '}
        compared with the simulator, just now in this browser: {counts.same} in the same order, {counts.inPart} as far
        as they are simulated, {counts.differs} differing, {counts.notModelled} not simulated
        {counts.failed > 0 && `, ${counts.failed} unreadable`}.
        {!whole && <span className="muted"> {stopped ? 'Stopped.' : `Now: ${now ?? ''}`}</span>}
      </p>
      {!whole && (
        <button type="button" className="trace-button" onClick={stopped ? onResume : onStop}>
          {stopped ? 'Go on' : 'Stop'}
        </button>
      )}
    </section>
  )
}
