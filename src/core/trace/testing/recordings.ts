import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Recording, readRecording } from '../import.ts'

/** One entry of public/traces/index.json, as far as tests need it. */
export interface Sample {
  readonly file: string
  readonly kernel: '6.1' | '6.12'
  readonly guest: boolean
  readonly pagesFreed: number
  readonly steps: readonly { readonly step: string; readonly order: string }[]
}

const folder = new URL('../../../../public/traces/', import.meta.url)

export const samples: readonly Sample[] = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'))

const more = new URL('./further/', import.meta.url)

/** Recordings that are no part of the app (further/README.md). */
export const further: readonly string[] = readdirSync(more).filter(file => file.includes('.trace.txt'))

/** The text of a recording, unpacked. */
export function bytesOf(file: string): Uint8Array {
  const raw = readFileSync(new URL(file, further.includes(file) ? more : folder))
  return file.endsWith('.gz') ? gunzipSync(raw) : raw
}

export const textOf = (file: string): string => new TextDecoder().decode(bytesOf(file))

const read = new Map<string, Recording>()

/** A recording, read once for all tests of a file. */
export function recordingOf(file: string): Recording {
  const known = read.get(file) ?? readRecording([bytesOf(file)])
  read.set(file, known)
  return known
}
