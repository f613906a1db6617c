import type { LabApi } from '../../worker/lab-api.ts'
import type { Connection, RemoteLab } from '../remote.ts'

/** A connection whose life and answers are in the hands of the test. */
export interface TestConnection extends Connection {
  readonly stopped: boolean
  /** Every call so far, as `seek(3)`. */
  readonly calls: readonly string[]
  die(why: string): void
  /** From now on replies are held back; call the returned function to let them through. */
  hold(): () => void
}

/** Puts promises between a plain lab and its caller, as a worker would. */
export function connectTo(lab: LabApi): TestConnection {
  const calls: string[] = []
  let stopped = false
  let gate: Promise<void> = Promise.resolve()
  let die: (why: string) => void = () => undefined
  const died = new Promise<string>(resolve => {
    die = resolve
  })
  const remote = new Proxy(lab, {
    get:
      (target, name: keyof LabApi) =>
      async (...args: unknown[]) => {
        calls.push(`${name}(${args.map(a => JSON.stringify(a)).join(', ')})`)
        await gate
        return structuredClone((target[name] as (...a: unknown[]) => unknown)(...args))
      },
  }) as unknown as RemoteLab
  return {
    lab: remote,
    died,
    calls,
    get stopped() {
      return stopped
    },
    stop: () => {
      stopped = true
    },
    die: why => die(why),
    hold: () => {
      let open: () => void = () => undefined
      gate = new Promise(resolve => {
        open = resolve
      })
      return () => open()
    },
  }
}
