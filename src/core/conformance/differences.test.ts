import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Recording, readRecording } from '../trace/import.ts'
import { further, recordingOf, samples, textOf } from '../trace/testing/recordings.ts'
import { conform } from './conform.ts'
import { differences } from './differences.ts'
import { simulate } from './simulate.ts'

const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8')
const nameOf = (file: string): string => file.replace(/\.trace\.txt(\.gz)?$/, '')

/** Of the longest a quarter, in which all that differs in it occurs; `npm run conform` compares all of it. */
const beginningOf = (file: string): Recording =>
  file.includes('stress') ? readRecording([textOf(file).split('\n').slice(0, 9_000).join('\n')]) : recordingOf(file)

describe('the differences that are meant', () => {
  it('stand in docs/conformance.md, each with what and why, and no others do', () => {
    const [, section = ''] = page.split('## Differences that are meant\n')
    const rows = (section.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| `'))
    expect(rows).toEqual(
      differences.map(
        d => `| \`${d.id}\` | ${d.what} | ${d.why} | ${d.operations.join(', ')} | ${d.recording ?? 'none at hand'} |`,
      ),
    )
  })

  it('are all that differs: each is made use of where it says, and nothing else differs in any recording', () => {
    const used = new Map<string, Set<string>>()
    for (const { file } of samples) {
      const operations = conform(beginningOf(file), simulate, { file }).steps.flatMap(s => s.operations)
      used.set(nameOf(file), new Set(operations.flatMap(o => o.meant.map(d => d.id))))
      const differing = operations.filter(o => o.verdict === 'differs').map(o => o.differences)
      expect([file, differing]).toEqual([file, []])
      for (const claim of operations.flatMap(o => o.claims))
        if (claim.measured === 'fails' || claim.simulated === 'fails') expect([file, claim]).toEqual([file, null])
    }
    // What only recordings for tests show is looked for where those are compared: further.test.ts.
    const elsewhere = new Set(further.map(nameOf))
    for (const { id, recording } of differences) {
      if (recording !== null && elsewhere.has(recording)) continue
      const found = [...used].filter(([, ids]) => ids.has(id)).map(([name]) => name)
      expect([id, recording === null ? found.length === 0 : found.includes(recording)]).toEqual([id, true])
    }
  })
})
