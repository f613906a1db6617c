/** How a call ended: with a value, or lost together with the worker that should have answered it. */
export type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'lost'; readonly why: string }

/** The end of a worker, for those who wait just now. */
export interface Death {
  /** Calls `listener` with the reason when it comes, or has come. Answers how to stop listening. */
  listen(listener: (why: string) => void): () => void
}

/**
 * Listens to `died` once. A promise keeps whoever waits for it, and what they hold, for as long as it lives itself: waiting
 * for it anew with every request would keep every answer there ever was.
 */
export function watchDeath(died: Promise<string>): Death {
  const listeners = new Set<(why: string) => void>()
  let known: string | null = null
  died.then(
    why => {
      known = why
      for (const listener of [...listeners]) listener(why)
    },
    () => undefined,
  )
  return {
    listen: listener => {
      if (known !== null) listener(known)
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/**
 * Waits for an answer, but not for ever. Patience is counted in ticks of one second and not by the clock: a laptop that
 * slept for an hour with a reply on its way has missed one tick, and nobody restarts a healthy worker.
 */
export function withPatience<T>(answer: Promise<T>, death: Death, seconds: number): Promise<Outcome<T>> {
  return new Promise(resolve => {
    let ticks = 0
    let stopListening = (): void => undefined
    const timer = setInterval(() => {
      ticks += 1
      if (ticks >= seconds) settle({ kind: 'lost', why: `it did not answer within ${seconds} seconds` })
    }, 1000)
    const settle = (outcome: Outcome<T>) => {
      clearInterval(timer)
      stopListening()
      resolve(outcome)
    }
    answer.then(
      value => settle({ kind: 'answered', value }),
      (error: unknown) => settle({ kind: 'lost', why: reasonOf(error) }),
    )
    stopListening = death.listen(why => settle({ kind: 'lost', why }))
  })
}

/** What an error says of itself, in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]?.trim() || 'it failed without saying why'
}
