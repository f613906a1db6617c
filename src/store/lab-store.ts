import { createStore, type StoreApi } from 'zustand/vanilla'
import { type MirrorSlice, mirror } from './mirror.ts'
import type { StartLab } from './remote.ts'
import { DEFAULT_PREFERENCES } from './saved.ts'
import { type Preferences, type ViewSlice, view } from './view.ts'

export type LabState = MirrorSlice & ViewSlice
export type LabStore = StoreApi<LabState>

export interface LabStoreOptions {
  readonly preferences?: Preferences
  /** Seconds of silence after which the worker counts as hung. */
  readonly patience?: number
}

/** The whole state of the page, in two slices with one writer each. The worker comes in as an argument: tests bring a plain object. */
export const createLabStore = (start: StartLab, options: LabStoreOptions = {}): LabStore =>
  createStore<LabState>()((...a) => ({
    ...mirror(start, options.patience)(...a),
    ...view(options.preferences ?? DEFAULT_PREFERENCES)(...a),
  }))
