import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { expandPhases } from '../src/core/trace/fold.ts'
import { asShipped, bundled } from './testing/command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const traces = join(root, 'public/traces')
const scratch = mkdtempSync(join(tmpdir(), 'conform-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const conform = await bundled('conform', 'conform')

interface StepJson {
  readonly step: string
  readonly operation: string | null
  readonly observed: readonly string[]
  readonly simulated: readonly string[]
  readonly verdict: string
  readonly differences: readonly string[]
  readonly reason: string | null
  readonly operations?: readonly {
    readonly observed: readonly string[]
    readonly simulated: readonly string[]
    readonly meant: readonly string[]
  }[]
}

/** A text as a file of its own. */
function file(name: string, text: string): string {
  const path = join(scratch, name)
  writeFileSync(path, text)
  return path
}

describe('npm run conform', () => {
  it('prints what programs read: one object a file, steps with their phases', () => {
    const names = ['munmap4_smp.trace.txt', 'k612-dontneed8.trace.txt', 'thp_split.trace.txt']
    const index: { file: string; steps: { step: string; order: string }[] }[] = JSON.parse(
      readFileSync(join(traces, 'index.json'), 'utf8'),
    )
    const ran = conform('--json', ...names.map(n => join(traces, n)))
    const reports: { file: string; kernel: string; steps: StepJson[] }[] = JSON.parse(ran.stdout)
    expect(ran.status).toBe(0)
    expect(reports.map(r => r.kernel)).toEqual(['6.1', '6.12', '6.1'])
    for (const [i, report] of reports.entries()) {
      const known = index.find(e => e.file === names[i])
      expect(report.steps.map(s => [s.step, s.observed])).toEqual(
        known?.steps.map(s => [s.step, expandPhases(s.order)]),
      )
      for (const s of report.steps) {
        expect(Object.keys(s)).toEqual(
          expect.arrayContaining(['step', 'operation', 'observed', 'simulated', 'verdict', 'differences']),
        )
        if (s.operation === null)
          expect([s.verdict, s.simulated, s.reason]).toEqual(['not-modelled', [], expect.any(String)])
        else if (s.verdict === 'same') expect([s.differences, s.reason]).toEqual([[], null])
        else
          expect([names[i], s.verdict, s.differences, s.reason]).toEqual([
            names[2],
            expect.stringMatching(/^(in-part|not-modelled)$/),
            expect.any(Array),
            expect.stringContaining('a huge page'),
          ])
        // Phase by phase, but where a difference is meant: those are listed with the operation.
        for (const o of s.operations ?? [])
          if (s.verdict === 'same' && o.meant.length === 0) expect(o.simulated).toEqual(o.observed)
      }
    }
  })

  it('says by its status that something differs, and what', () => {
    const text = readFileSync(join(traces, 'k612-munmap4.trace.txt'), 'utf8')
    const untold = text.replace(/^.* mn_arch_invalidate_secondary_tlbs: .*\n/gm, '')
    const ran = conform(file('untold.trace.txt', untold))
    expect(ran.status).toBe(1)
    expect(ran.stdout).toContain('munmap 4 pages: differs')
    expect(ran.stdout).toContain(
      'after phase 12 (cpu_flush): the simulation has arch_invalidate_secondary_tlbs:outside, the recording has not',
    )
    expect(ran.stdout).toMatch(/secondary-TLB invalidate that goes with it\. Measured: fails\. Simulated: holds\./)
  })

  it('says by its status that a file is unreadable, and where', () => {
    // This one as npm run starts it.
    const ran = asShipped('conform')(
      '--json',
      file('no.trace.txt', 'hello\nworld\n'),
      join(traces, 'munmap4.trace.txt'),
      join(scratch, 'none'),
    )
    const reports = JSON.parse(ran.stdout)
    expect(ran.status).toBe(2)
    expect(reports).toHaveLength(3)
    expect(reports[0].error).toMatch(/^line 1, column 1: no line of this text is an event of ftrace/)
    expect(reports[1].steps).toHaveLength(3)
    expect(reports[2].error).toContain('no such file')
    expect(ran.stderr).toMatch(/no\.trace\.txt: line 1, column 1: /)
  })

  it('reads compressed recordings, and tells its options', () => {
    const ran = conform(join(traces, 'large/munmap_11000.trace.txt.gz'))
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toContain('munmap 11000 pages, touched before BEGIN: same')
    expect(ran.stdout).toContain('Not compared: mappings dropped: page_remove_rmap was not recorded.')
    expect(conform('--nonsense', 'x').status).toBe(2)
  })
})
