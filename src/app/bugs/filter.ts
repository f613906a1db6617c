import type { BugFacts } from '../../core/bugs/bug.ts'

/** What the reader looks for. '' asks for nothing. */
export interface Wanted {
  readonly text: string
  readonly consumer: string
  readonly hardware: string
  readonly operation: string
}

export const ANYTHING: Wanted = { text: '', consumer: '', hardware: '', operation: '' }

/** Whether a bug is one of those that are wanted: every word of the text, anywhere in it. */
export function isWanted(bug: BugFacts, wanted: Wanted): boolean {
  const { consumers, hardware, operations } = bug.tags
  const has = (list: readonly string[], one: string): boolean => one === '' || list.includes(one)
  if (!has(consumers, wanted.consumer) || !has(hardware, wanted.hardware) || !has(operations, wanted.operation))
    return false
  const text = textOf(bug)
  return wanted.text
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

function textOf(bug: BugFacts): string {
  const commits = [...bug.introducedBy, ...bug.fixedBy].map(c => `${c.id ?? ''} ${c.what}`)
  const { consumers, hardware, operations } = bug.tags
  const versions = [bug.affected.from ?? '', bug.affected.until ?? '']
  const cves = bug.cves.map(c => c.id)
  return [
    ...[bug.id, bug.title, bug.wrong, ...commits, ...cves, ...bug.invariants, ...versions],
    ...[...consumers, ...hardware, ...operations],
  ]
    .join(' ')
    .toLowerCase()
}

/** All values of one kind of tag, sorted. */
export const tagsOf = (bugs: readonly BugFacts[], kind: keyof BugFacts['tags']): string[] =>
  [...new Set(bugs.flatMap(bug => bug.tags[kind] as readonly string[]))].sort((a, b) => a.localeCompare(b, 'en'))
