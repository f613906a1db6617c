import { expect, it } from 'vitest'
import { KERNELS } from '../src/core/policy/catalogue.ts'
import { HISTORY } from '../src/core/policy/history.ts'
import { RENAMED } from '../src/core/policy/names.ts'
import { firstLike, usualDriver } from '../src/core/policy/presets.ts'
import { SWITCHES } from '../src/core/policy/switches.ts'

const labelOf = (id: string): string => KERNELS.find(k => k.id === id)?.label ?? id
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const kernels = table(
  ['kernel', 'what is new', 'driver at first', 'every run as in'],
  KERNELS.map(({ id, label, what }) => [
    label,
    what,
    usualDriver(id),
    firstLike(id) === id ? '' : labelOf(firstLike(id)),
  ]),
)

const switches = SWITCHES.flatMap(s => {
  if (!Object.hasOwn(HISTORY, s.id)) return []
  const rows = HISTORY[s.id as keyof typeof HISTORY].map(({ since, value, commit, note }) => [
    labelOf(since),
    s.values.find(v => v.value === value)?.label ?? String(value),
    commit === null ? '' : commit.replace(/^(\w+)/, '`$1`'),
    note,
  ])
  return [`### ${s.label}`, `\`${s.id}\`. ${s.what}`, table(['since', 'it', 'commit', 'note'], rows)]
})

const names = table(
  ['ours', 'in which kernels'],
  RENAMED.map(({ name, names }) => [
    `\`${name}\``,
    names
      .map(({ since, fn, file }) => `${labelOf(since)}: \`${fn}\`${file === undefined ? '' : ` (${file})`}`)
      .join('; '),
  ]),
)

const text = [
  '# Eras',
  'Written from `src/core/policy/history.ts` and `catalogue.ts` by `npx vitest run scripts/eras-doc.test.ts -u`; what stands here is what the lab runs.',
  '[c]: the code was read at that commit. [id]: id and title were seen, not the code. A change in a release that is not among these kernels begins with the next one that is; its note names the release. The numbers B.. are bugs of [bugs.md](bugs.md).',
  'Not every change is modelled. A kernel whose runs are all as in an older one is there because Linux changed, and has no differences here.',
  '## Kernels',
  kernels,
  '## Switches',
  ...switches,
  '## Names',
  'Steps of two kernels are the same step under one name of ours. Shown is what the kernel at hand calls the function, and the file it was in, from `src/core/policy/names`. Names of 6.1 and 6.12 were read in source, those of 3.19, 4.15 and 6.6 in part; the others are from general knowledge, and the release in which one gave way to the next is not verified. A function that had no forerunner has the name of what did its work. arm64 begins with 3.7, and calls exc_page_fault() do_page_fault().',
  names,
].join('\n\n')

it('docs/eras.md says what the lab runs', async () => {
  await expect(`${text}\n`).toMatchFileSnapshot('../docs/eras.md')
})
