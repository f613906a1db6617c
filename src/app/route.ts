import type { Problem } from '../core/base/problem.ts'
import type { Place } from '../store/view.ts'
import { PLACES } from '../store/view.ts'
import type { RunLink } from '../worker/lab-api.ts'
import { formatLink, readLink } from './link.ts'

/** Where a hash leads. */
export interface Route {
  readonly place: Place
  /** The moment to show in the lab, or the settings to search under; null when the hash names none. */
  readonly link: RunLink | null
  /** The recording to show among the traces; null for the list. */
  readonly recording: string | null
  /** The bug to show, and where: `B09/6.1`; null for the shelf. The place itself reads it: it knows which there are. */
  readonly bug?: string | null
  /** What to edit, as its query; null for what was edited last. The editor reads it: it knows what is saved. */
  readonly editing?: string | null
  /** Which patches are in, as a query. The place itself reads it. */
  readonly patch?: string
  readonly problems: readonly Problem[]
}

/** `#/lab?s=…`, `#/explore?s=…`, `#/traces?open=…`, `#/bugs/B09/6.1`, `#/edit?d=…`, `#/patch?on=…`. An unknown place leads to the lab, and says so. */
export function readRoute(hash: string): Route {
  const [, path = '', query = ''] = /^#?\/?([^?]*)\??([\s\S]*)$/.exec(hash) ?? []
  const name = path.replace(/\/+$/, '')
  if (name === 'traces') return { place: 'traces', link: null, recording: readRecording(query), problems: [] }
  const bug = /^bugs(?:\/(.{1,40}))?$/.exec(name)
  if (bug !== null) return { place: 'bugs', link: null, recording: null, bug: bug[1] ?? null, problems: [] }
  if (name === 'edit') return { place: 'edit', link: null, recording: null, editing: query || null, problems: [] }
  if (name === 'patch') return { place: 'patch', link: null, recording: null, patch: query.slice(0, 200), problems: [] }
  if (name === 'lab' || name === '') return { place: 'lab', recording: null, ...readLink(query) }
  if (name === 'explore') return { place: 'explore', recording: null, ...readLink(query) }
  const unknown: Problem = {
    at: 'link',
    message: `there is no place called “${name.slice(0, 40)}”`,
    mend: `The lab was opened. Places are ${PLACES.join(', ')}.`,
  }
  return { place: 'lab', link: null, recording: null, problems: [unknown] }
}

/** The hash of a moment in the lab. */
export const labHash = (link: RunLink | null): string => (link === null ? '#/lab' : `#/lab?${formatLink(link)}`)

/** The hash of everything that can happen under a link's settings: without the run, and with nothing left out of the kernel. */
export function exploreHash(link: RunLink | null): string {
  if (link === null) return '#/explore'
  const { schedule, at, checksum, semantics, without, ...question } = link
  return `#/explore?${formatLink(question)}`
}

/** The hash of a recording, or of the list of recordings. */
export const tracesHash = (recording: string | null): string =>
  recording === null ? '#/traces' : `#/traces?open=${encodeURIComponent(recording)}`

/** The hash of the editor: with a scenario that is saved here (`d=…`), a shipped one, or one that comes whole. */
export const editHash = (editing: string | null): string => (editing === null ? '#/edit' : `#/edit?${editing}`)

/** The hash of a bug, of a bug in a kernel, or of the shelf. */
export const bugsHash = (bug: string | null): string => (bug === null ? '#/bugs' : `#/bugs/${bug}`)

/** The hash of the patch, with some of its three parts in: `on=1,2`. */
export const patchHash = (query: string): string => (query === '' ? '#/patch' : `#/patch?${query}`)

function readRecording(query: string): string | null {
  const name = new URLSearchParams(query).get('open')
  return name !== null && /^[\w-][\w.-]{0,99}(\/[\w-][\w.-]{0,99})?$/.test(name) ? name : null
}
