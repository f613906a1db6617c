import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordingOf, samples } from '../trace/testing/recordings.ts'
import { conform } from './conform.ts'
import { differences } from './differences.ts'
import { simulate } from './simulate.ts'

const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8')

describe('the differences that are meant', () => {
  it('stand in docs/conformance.md, each with what and why, and no others do', () => {
    const [, section = ''] = page.split('## Differences that are meant\n')
    const rows = (section.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| `'))
    expect(rows).toEqual(differences.map(d => `| \`${d.id}\` | ${d.what} | ${d.why} | ${d.operations.join(', ')} |`))
  })

  it('are made use of by some recording, or it is said that none is at hand', () => {
    const used = new Set(
      samples
        .filter(s => s.steps.length > 0)
        .flatMap(s => conform(recordingOf(s.file), simulate, { file: s.file }).steps)
        .flatMap(s => s.operations.flatMap(o => o.meant.map(d => d.id))),
    )
    const unused = differences.filter(d => !used.has(d.id))
    for (const d of unused)
      expect([d.id, d.why]).toEqual([d.id, expect.stringContaining('No recording of it is at hand')])
  })
})
