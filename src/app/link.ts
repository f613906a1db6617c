import type { Problem } from '../core/base/problem.ts'
import type { RunLink } from '../worker/lab-api.ts'
import { packText, UNPACKED_LIMIT, unpackText } from './packed.ts'

/** What a hash turned out to hold. `link` is null when it does not name a scenario; there is then nothing to open. */
export interface ReadLink {
  readonly link: RunLink | null
  readonly problems: readonly Problem[]
}

/** Longest text of one part; the packed scenario and the schedule may be as long as a scenario. */
const PART_LIMIT = 200
/** Points of the kernel that one link leaves out, at the most. */
const MOST_POINTS = 32
/** Longest run a link can stand in. */
const STEP_LIMIT = 1_000_000

/** The parts of a link in the order in which they are written. */
const PARTS = {
  s: 'scenario',
  k: 'kernel',
  d: 'driver',
  a: 'arch',
  sw: 'switches',
  w: 'without',
  r: 'schedule',
  at: 'at',
  v: 'semantics',
  c: 'checksum',
  x: 'custom',
} as const satisfies Record<string, keyof RunLink>

type Part = keyof typeof PARTS

/** `s=munmap&k=3.18&sw=drainsWalks:false&r=0110&at=4`: the query of a hash, short and readable. */
export function formatLink(link: RunLink): string {
  const parts: string[] = []
  const add = (part: Part, text: string | undefined) => {
    if (text !== undefined) parts.push(`${part}=${text}`)
  }
  add('s', escaped(link.scenario))
  add('k', link.kernel === undefined ? undefined : escaped(link.kernel))
  add('d', link.driver === undefined ? undefined : escaped(link.driver))
  add('a', link.arch === undefined ? undefined : escaped(link.arch))
  const switches = Object.entries(link.switches ?? {})
  if (switches.length > 0) add('sw', switches.map(pair => pair.map(encodeURIComponent).join(':')).join(','))
  if (link.without !== undefined && link.without.length > 0) parts.push(`w=${link.without.map(escapedPoint).join(',')}`)
  add('r', link.schedule === undefined ? undefined : escaped(link.schedule))
  add('at', link.at?.toString())
  add('v', link.semantics?.toString())
  add('c', link.checksum === undefined ? undefined : escaped(link.checksum))
  add('x', link.custom === undefined ? undefined : packText(link.custom))
  return parts.join('&')
}

/** Reads the query of a hash. Whatever it is fed, it answers with what can be used and a problem for each part that cannot. */
export function readLink(query: string): ReadLink {
  const problems: Problem[] = []
  const texts = splitParts(query, problems)
  const link: { -readonly [K in keyof RunLink]?: RunLink[K] } = {}
  for (const [part, raw] of texts) {
    const where = `link, part ${part}`
    const refuse = (message: string) => void problems.push({ at: where, message, mend: 'It was left out.' })
    if (part === 'x') {
      const unpacked = unpackText(raw)
      if ('why' in unpacked) refuse(`the scenario carried along ${unpacked.why}`)
      else link.custom = unpacked.text
      continue
    }
    if (part === 'sw') {
      const switches = readSwitches(raw, problems)
      if (Object.keys(switches).length > 0) link.switches = switches
      continue
    }
    if (part === 'w') {
      const points = raw.split(',').slice(0, MOST_POINTS).map(unescaped)
      if (points.every(p => p !== null && p !== '' && p.length <= PART_LIMIT)) link.without = points as string[]
      else refuse('it does not read like points of the kernel with commas between them')
      continue
    }
    const text = unescaped(raw)
    if (text === null) refuse('it holds a % that is not followed by two hex digits of UTF-8')
    else if (part === 'at' || part === 'v') {
      const number = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
      if (number <= STEP_LIMIT) link[PARTS[part]] = number
      else refuse(`“${shown(text)}” is not a whole number from 0 to ${STEP_LIMIT}`)
    } else if (text.length > (part === 'r' ? UNPACKED_LIMIT : PART_LIMIT)) refuse('it is too long')
    else link[PARTS[part]] = text
  }
  const { scenario, ...rest } = link
  if (scenario !== undefined && scenario !== '') return { link: { scenario, ...rest }, problems }
  if (texts.size > 0) {
    problems.push({
      at: 'link, part s',
      message: 'the link does not name a scenario',
      mend: 'Copy the whole link, from # to its end.',
    })
  }
  return { link: null, problems }
}

function splitParts(query: string, problems: Problem[]): ReadonlyMap<Part, string> {
  const texts = new Map<Part, string>()
  for (const piece of query.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    const name = equals < 0 ? piece : piece.slice(0, equals)
    const at = `link, part ${shown(name)}`
    if (!Object.hasOwn(PARTS, name)) {
      if (problems.length < 20)
        problems.push({ at, message: 'a link has no part of this name', mend: 'It was left out.' })
    } else if (texts.has(name as Part)) {
      problems.push({ at, message: 'it is there twice', mend: 'The first one counts.' })
    } else texts.set(name as Part, equals < 0 ? '' : piece.slice(equals + 1))
  }
  return texts
}

function readSwitches(raw: string, problems: Problem[]): Record<string, string> {
  const switches: Record<string, string> = {}
  for (const pair of raw.split(',').slice(0, 100)) {
    if (pair === '') continue
    const [id, value, ...more] = pair.split(':').map(unescaped)
    const named = id !== undefined && id !== null && id !== '' && id.length <= PART_LIMIT
    const valued = value !== undefined && value !== null && value.length <= PART_LIMIT
    if (named && valued && more.length === 0 && id !== '__proto__') switches[id] = value
    else {
      problems.push({
        at: 'link, part sw',
        message: `“${shown(pair)}” does not read like a switch`,
        mend: 'Write name:value, with a comma between two switches.',
      })
    }
  }
  return switches
}

/** Half a character: encodeURIComponent throws at it. */
const LONE_SURROGATES = /\p{Surrogate}/gu

/** Percent-encoded, except for what is safe in a hash and makes a link readable. */
const escaped = (text: string): string =>
  encodeURIComponent(text.replace(LONE_SURROGATES, '\ufffd')).replace(/%(2C|3A|2F|40|3B|2B)/g, code =>
    decodeURIComponent(code),
  )

/** A comma stands between two points. */
const escapedPoint = (point: string): string => escaped(point).replaceAll(',', '%2C')

function unescaped(raw: string): string | null {
  try {
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
