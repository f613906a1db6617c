import type { Field, ObjectField } from '../../core/base/form.ts'

/*
 * How a scenario is laid out on the page: order, groups, and which text names something. Only looks are decided here. What there
 * is to fill in comes from the schema, so whatever is missing from these lists is shown all the same, in the last section.
 */

export interface Section {
  readonly title: string
  /** Members of the scenario, by name. */
  readonly names: readonly string[]
  /** Open when the form is. */
  readonly open: boolean
}

export const SECTIONS: readonly Section[] = [
  { title: 'About', names: ['title', 'purpose', 'lookFor', 'id', 'bugs'], open: true },
  { title: 'Memory', names: ['memory', 'batchSize', 'tableBatch'], open: true },
  { title: 'CPUs', names: ['cpus'], open: true },
  { title: 'Devices', names: ['devices', 'iommu'], open: true },
  { title: 'Switches', names: ['switches'], open: true },
  { title: 'Things to try', names: ['breaks'], open: true },
  { title: 'File', names: ['format', '$schema'], open: false },
]
export const OTHERS: Section = { title: 'More', names: [], open: true }

/** Words that are not made by putting blanks between the words of a name. */
const LABELS: Readonly<Record<string, string>> = {
  at: 'Address',
  ats: 'ATS',
  atc: 'ATC',
  breaks: 'Things to try',
  bugs: 'Bug numbers',
  cpus: 'CPUs',
  do: 'Action',
  id: 'Name in links',
  iommu: 'IOMMU',
  iotlb: 'IOTLB entries',
  kvm: 'KVM',
  hmm: 'HMM',
  lookFor: 'Look for',
  mm: 'mm',
  pri: 'PRI',
  queue: 'Queue length',
  tlb: 'TLB entries',
  walkCache: 'Walk-cache entries',
  what: 'What happens',
}

/** A name of the file as a label: `growsDown` is “Grows down”. */
export function labelOf(name: string): string {
  if (Object.hasOwn(LABELS, name)) return LABELS[name] ?? name
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  const spaced = words.replaceAll(/[-_$]+/g, ' ').trim()
  return spaced === '' ? name : (spaced[0] ?? '').toUpperCase() + spaced.slice(1)
}

/** What one of a list is called: one of `cpus` is a “CPU”. */
export function oneOf(name: string): string {
  const many = name === 'breaks' ? 'thing to try' : name === 'bugs' ? 'bug number' : labelOf(name)
  const one = many.endsWith('ies') ? `${many.slice(0, -3)}y` : many.replace(/s$/, '')
  return /^[A-Z][a-z]/.test(one) ? (one[0] ?? '').toLowerCase() + one.slice(1) : one
}

/** What a text names, if it names something of the scenario: then it can be chosen and need not be typed. */
export function namesWhat(name: string, field: Field): 'region' | 'page' | null {
  if (field.kind !== 'text') return null
  if (name === 'region' || /^(?:the )?(?:name of )?(?:(?:a|an|the|another) )?region\b/i.test(field.help))
    return 'region'
  if (name === 'page' || /^(?:A|The) page\b.*\w\[/i.test(field.help)) return 'page'
  return null
}

/** An object in which any field may be left out is a list of choices: only those made are shown. */
export const isChoices = (field: ObjectField): boolean =>
  field.members.length > 3 && field.members.every(m => m.optional)

/** Text that is a sentence or more. */
export const isLong = (field: Field): boolean =>
  field.kind === 'text' && field.most > 128 && field.most < Number.MAX_SAFE_INTEGER

/** Text that fills a line. */
export const isLine = (field: Field): boolean => field.kind === 'text' && field.most > 64 && field.most <= 128
