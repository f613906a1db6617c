/** How a call ended: with a value, or lost together with the worker that should have answered it. */
export type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'lost'; readonly why: string }

/**
 * Waits for an answer, but not for ever. Patience is counted in ticks of one second and not by the clock: a laptop that
 * slept for an hour with a reply on its way has missed one tick, and nobody restarts a healthy worker.
 */
export function withPatience<T>(answer: Promise<T>, died: Promise<string>, seconds: number): Promise<Outcome<T>> {
  return new Promise(resolve => {
    let ticks = 0
    const timer = setInterval(() => {
      ticks += 1
      if (ticks >= seconds) settle({ kind: 'lost', why: `it did not answer within ${seconds} seconds` })
    }, 1000)
    const settle = (outcome: Outcome<T>) => {
      clearInterval(timer)
      resolve(outcome)
    }
    answer.then(
      value => settle({ kind: 'answered', value }),
      (error: unknown) => settle({ kind: 'lost', why: reasonOf(error) }),
    )
    died.then(
      why => settle({ kind: 'lost', why }),
      () => undefined,
    )
  })
}

/** What an error says of itself, in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]?.trim() || 'it failed without saying why'
}
