import type { LabApi } from '../worker/lab-api.ts'

/** The same interface with promises: what Comlink makes of a worker, and what a test makes of a plain object. */
export type Promised<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never
}

export type RemoteLab = Promised<LabApi>

/** One life of the worker, from its start until it is stopped or dies. */
export interface Connection {
  readonly lab: RemoteLab
  /** Settles with the reason when the worker dies by itself; a worker that merely hangs says nothing. */
  readonly died: Promise<string>
  stop(): void
}

/** Starts a worker. Called again after each one that was lost. */
export type StartLab = () => Connection
