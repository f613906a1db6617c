import { nearest } from '../core/base/nearest.ts'
import { failed, type Parsed, type Problem, parsed } from '../core/base/problem.ts'
import { checkScenario } from '../core/scenarios/check.ts'
import { LIMITS, type Scenario } from '../core/scenarios/scenario.ts'
import { jsonErrorIn } from './json-place.ts'
import { asScenario, type Issue, judge, scenarioSchema } from './scenario-schema.ts'
import { namesIn, pathText } from './schema-names.ts'

/** More than this nobody reads; the rest shows once these are mended. */
const MOST_PROBLEMS = 20

/** Reads a scenario from JSON text that anybody may have written. `where` is put before each place: the name of a file. */
export function parseScenarioText(text: string, where?: string): Parsed<Scenario> {
  const read = parseJson(text)
  const scenario = read.ok ? parseScenario(read.value) : read
  if (scenario.ok) return scenario
  const problems = scenario.problems.slice(0, MOST_PROBLEMS)
  return failed(...problems.map(p => (where === undefined ? p : { ...p, at: `${where}: ${p.at}` })))
}

function parseJson(text: string): Parsed<unknown> {
  // No character takes more than three bytes for each of its units, so most texts need not be measured.
  const long = text.length > LIMITS.jsonBytes
  if (long || (text.length * 3 > LIMITS.jsonBytes && new TextEncoder().encode(text).length > LIMITS.jsonBytes)) {
    const mend = `Make it smaller than ${LIMITS.jsonBytes / 1024} KiB.`
    return failed({ at: 'scenario', message: 'the text is too long', mend })
  }
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  try {
    return parsed(JSON.parse(json))
  } catch {
    const error = jsonErrorIn(json)
    if (error === null) return failed({ at: 'scenario', message: 'this is not JSON', mend: 'Check it with an editor.' })
    const { line, column, message, mend } = error
    return failed({ at: `line ${line}, column ${column}`, message: `this is not JSON: ${message}`, mend })
  }
}

function parseScenario(value: unknown): Parsed<Scenario> {
  const result = judge(value)
  if (!result.success) {
    const names = namesIn(scenarioSchema, value)
    return failed(...names, ...result.issues.flatMap(issue => problemsOf(issue)))
  }
  const scenario = asScenario(result.output)
  const problems = checkScenario(scenario)
  return problems.length === 0 ? parsed(scenario) : failed(...problems)
}

type Key = string | number
const pathOf = (issue: Issue): Key[] => (issue.path ?? []).map(item => item.key as Key)

/** One complaint of the schema in the reader's words. Names that are missing or unknown are told by `namesIn`. */
function problemsOf(issue: Issue, above: readonly Key[] = []): Problem[] {
  const path = [...above, ...pathOf(issue)]
  if (issue.path?.at(-1)?.origin === 'key') return []
  const problem = (message: string, mend: string): Problem[] => [{ at: pathText(path), message, mend }]
  const limit = String(issue.requirement)
  const unit = typeof issue.input === 'string' ? 'characters' : 'entries'
  const length = (issue.input as { readonly length?: number } | null)?.length ?? 0
  switch (issue.type) {
    case 'integer':
      return problem(`${received(issue)} is not a whole number`, 'Write one without a fraction.')
    case 'min_value':
      return problem(`${received(issue)} is too small`, `Write ${limit} or more.`)
    case 'max_value':
      return problem(`${received(issue)} is too large`, `Write ${limit} or less.`)
    case 'min_length':
      return problem(length === 0 ? 'this is empty' : `${length} ${unit} are too few`, `Write at least ${limit}.`)
    case 'max_length':
      return problem(`${length} ${unit} are too many`, `Write ${limit} or less.`)
    case 'regex':
      return problem(`${received(issue)} has not the right form`, issue.message)
    case 'variant':
    case 'picklist':
    case 'literal':
      return toldByNames(issue) ? [] : problem(`${received(issue)} is not one of the choices`, choice(issue))
    case 'union':
      // Text or a list, for now: a list is judged entry by entry, anything else as a whole.
      if (Array.isArray(issue.input)) {
        const entries = (issue.issues ?? []).filter(inner => inner.path !== undefined)
        return entries.flatMap(inner => problemsOf(inner, path))
      }
      return problem(`${received(issue)} is not one of the choices`, choice(issue))
    case 'strict_object':
      return []
    default:
      return problem(`${received(issue)} is not ${NOUNS[issue.type] ?? issue.type}`, MENDS[issue.type] ?? '')
  }
}

/** What should have been an object, and what does not say which of several it is. */
const toldByNames = (issue: Issue): boolean =>
  issue.expected === 'Object' || (issue.type === 'variant' && issue.input === undefined)

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
}
const MENDS: Readonly<Record<string, string>> = {
  string: 'Write it in double quotes.',
  number: 'Write a number, without quotes.',
  boolean: 'Write true or false, without quotes.',
  array: 'Write a list in brackets: [ ].',
}

/** What stood there: text in quotes, a number, or what kind of thing it is. */
function received({ received: text }: Issue): string {
  if (text === 'Array') return 'a list'
  if (text === 'Object') return 'an object'
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`
}

function choice(issue: Issue): string {
  const words = [...(issue.expected ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(m => m[1] ?? '')
  const meant = typeof issue.input === 'string' ? nearest(issue.input, words) : undefined
  if (meant !== undefined) return `Did you mean "${meant}"?`
  const choices = words.length > 0 ? words.map(word => `"${word}"`) : [issue.expected ?? '']
  return `Write ${choices.join(', ')}${issue.expected?.includes('Array') ? ', or a list of numbers' : ''}.`
}
