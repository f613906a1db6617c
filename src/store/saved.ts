import * as v from 'valibot'
import type { RunLink } from '../worker/lab-api.ts'
import { type Preferences, SPEEDS, TABS, THEMES } from './view.ts'

/** The part of Storage that is used. A browser may refuse any of it: private mode, full, switched off. */
export interface Shelf {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export const DEFAULT_PREFERENCES: Preferences = { theme: 'auto', speed: 1, tab: 'step' }

const PREFERENCES_KEY = 'mmu-notifier-lab/preferences/1'
const RUN_KEY = 'mmu-notifier-lab/run/1'

const preferencesSchema = v.object({
  theme: v.fallback(v.picklist(THEMES), DEFAULT_PREFERENCES.theme),
  speed: v.fallback(v.picklist(SPEEDS), DEFAULT_PREFERENCES.speed),
  tab: v.fallback(v.picklist(TABS), DEFAULT_PREFERENCES.tab),
})

const short = v.pipe(v.string(), v.maxLength(200))
const long = v.pipe(v.string(), v.maxLength(262_144))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const runLinkSchema = v.strictObject({
  scenario: short,
  kernel: v.exactOptional(short),
  driver: v.exactOptional(short),
  arch: v.exactOptional(short),
  switches: v.exactOptional(v.record(short, short)),
  schedule: v.exactOptional(long),
  at: v.exactOptional(count),
  checksum: v.exactOptional(short),
  semantics: v.exactOptional(count),
  custom: v.exactOptional(long),
})

/** What earlier visits chose. Anything unreadable falls back to the default, field by field. */
export function readPreferences(shelf: Shelf): Preferences {
  const read = v.safeParse(preferencesSchema, parsedItem(shelf, PREFERENCES_KEY))
  return read.success ? read.output : DEFAULT_PREFERENCES
}

/** Keeps what the reader prefers, if the browser lets us. */
export function writePreferences(shelf: Shelf, { theme, speed, tab }: Preferences): void {
  write(shelf, PREFERENCES_KEY, { theme, speed, tab })
}

/** The run that was open last, or null. Only its shape is checked here: the worker checks what it means. */
export function readLastRun(shelf: Shelf): RunLink | null {
  const read = v.safeParse(runLinkSchema, parsedItem(shelf, RUN_KEY))
  return read.success ? read.output : null
}

/** Keeps a link to the run that is open, if the browser lets us. */
export function writeLastRun(shelf: Shelf, link: RunLink): void {
  write(shelf, RUN_KEY, link)
}

function parsedItem(shelf: Shelf, key: string): unknown {
  try {
    return JSON.parse(shelf.getItem(key) ?? 'null')
  } catch {
    return null
  }
}

function write(shelf: Shelf, key: string, value: unknown): void {
  try {
    shelf.setItem(key, JSON.stringify(value))
  } catch {
    // Remembering is a kindness, not a promise: a full or forbidden storage must not disturb the run.
  }
}
