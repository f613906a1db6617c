import { type Death, reasonOf, watchDeath, withPatience } from './patience.ts'
import type { Connection, RemoteLab, StartLab } from './remote.ts'

/** What a request is for, which decides what it makes pointless among those still waiting. */
export type RequestKind = 'open' | 'seek' | 'move' | 'read'

/** How a request ended. Only an answered one was handed to its `take`. */
export type RequestEnd = 'answered' | 'superseded' | 'lost'

export interface LineOptions {
  readonly start: StartLab
  /** Seconds of silence after which a worker counts as hung. */
  readonly seconds: number
  /** Brings a fresh worker to where the reader was. `attempt` starts at 1; a later one should ask for less. */
  readonly restore: (lab: RemoteLab, attempt: number) => Promise<() => void>
  readonly onLost: (why: string) => void
  readonly onGivenUp: (why: string) => void
}

interface Waiting {
  readonly kind: RequestKind
  readonly call: (lab: RemoteLab) => Promise<unknown>
  readonly take: (value: unknown) => void
  readonly settle: (end: RequestEnd) => void
}

const ATTEMPTS = 3

/**
 * The one line of requests to the worker: at most one is out, the others wait in order. A reply can therefore never
 * overwrite a newer one. Waiting seeks collapse into the last; opening a run drops whatever was meant for the old one.
 * A worker that dies, hangs or throws is replaced and restored before the next request is made.
 */
export function createLine(options: LineOptions) {
  const waiting: Waiting[] = []
  let connection = connect()
  let pumping = false
  let givenUp = false

  function connect(): Connection & { readonly death: Death } {
    const started = options.start()
    const fresh = { ...started, stop: () => started.stop(), death: watchDeath(started.died) }
    fresh.death.listen(why => {
      if (connection === fresh && !pumping) void pump(why)
    })
    return fresh
  }

  /** Answers when `take` has run, or when it never will. */
  function ask<T>(
    kind: RequestKind,
    call: (lab: RemoteLab) => Promise<T>,
    take: (value: T) => void,
  ): Promise<RequestEnd> {
    if (givenUp) return Promise.resolve('lost')
    for (let last = waiting.at(-1); last !== undefined && supersedes(kind, last.kind); last = waiting.at(-1)) {
      waiting.pop()
      last.settle('superseded')
    }
    return new Promise(resolve => {
      waiting.push({ kind, call, take: take as (value: unknown) => void, settle: resolve })
      if (!pumping) void pump()
    })
  }

  async function pump(deathWhileIdle?: string): Promise<void> {
    pumping = true
    if (deathWhileIdle !== undefined) await recover(deathWhileIdle)
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const why = await attempt(next.call, next.take)
      // A lost request ends when its run is back: until then the page has not settled.
      if (why !== null) await recover(why)
      next.settle(why === null ? 'answered' : 'lost')
    }
    pumping = false
  }

  /** Null when it went well, else the reason. */
  async function attempt<T>(call: (lab: RemoteLab) => Promise<T>, take: (value: T) => void): Promise<string | null> {
    const { lab, death } = connection
    const outcome = await withPatience(
      (async () => call(lab))(), // a synchronous throw becomes a rejection
      death,
      options.seconds,
    )
    if (outcome.kind === 'lost') return outcome.why
    try {
      take(outcome.value)
      return null
    } catch (error) {
      return reasonOf(error)
    }
  }

  async function recover(why: string): Promise<void> {
    // What was asked of the lost run means nothing to the restored one.
    for (const request of waiting.splice(0)) request.settle('lost')
    options.onLost(why)
    for (let n = 1; n <= ATTEMPTS; n++) {
      connection.stop()
      connection = connect()
      const failed = await attempt(
        lab => options.restore(lab, n),
        done => done(),
      )
      if (failed === null) return
    }
    givenUp = true
    connection.stop()
    for (const request of waiting.splice(0)) request.settle('lost')
    options.onGivenUp(why)
  }

  return { ask, stop: () => connection.stop() }
}

function supersedes(incoming: RequestKind, waiting: RequestKind): boolean {
  return incoming === 'open' || (incoming === 'seek' && waiting === 'seek')
}
