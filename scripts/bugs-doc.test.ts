import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BUGS } from '../src/core/bugs/bug-list.ts'
import { COST_BUGS } from '../src/core/bugs/cost-bugs.ts'

const text = readFileSync(new URL('../docs/bugs.md', import.meta.url), 'utf8')
const rows = [
  ...BUGS.map(b => `| ${b.id} | ${b.title} | ${b.rule} | \`${b.toggle.field}\` = ${b.toggle.value} |`),
  ...COST_BUGS.map(
    b => `| ${b.id} | ${b.title} | – | \`${b.toggle.field}\` = ${b.toggle.value}: it costs, and breaks no rule |`,
  ),
].sort()

describe('docs/bugs.md', () => {
  it('names every bug, and says how it is expressed', () => {
    const table = ['| bug | what | rule | switch |', '|---|---|---|---|', ...rows, ''].join('\n')
    expect(text.slice(text.indexOf('| bug |')), `write this at the end of docs/bugs.md:\n\n${table}`).toBe(table)
  })

  it('says of this many bugs what they are', () => {
    expect(rows).toHaveLength(35)
  })
})
