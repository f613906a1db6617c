import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync('node', ['--import', 'tsx', 'scripts/conform.ts', ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('npm run conform', () => {
  it('prints an array for one file too, packed or not', () => {
    const { status, stdout } = run([
      'public/traces/mprotect8.trace.txt',
      'public/traces/large/munmap_11000.trace.txt.gz',
      '--json',
    ])
    const reports = JSON.parse(stdout)
    expect(reports).toHaveLength(2)
    expect(reports[0]).toMatchObject({
      file: 'public/traces/mprotect8.trace.txt',
      kernel: '6.1',
      steps: [
        { step: 'BEGIN', operation: null, observed: ['sys:mmap', 'ret:mmap'], verdict: 'not-modelled' },
        {},
        {},
        {},
        {},
        {},
      ],
      problems: [],
    })
    expect(reports[1].steps[1]).toMatchObject({ operation: 'munmap' })
    expect([0, 1]).toContain(status)
  })

  it('reads the standard input, and fails on what is no recording', () => {
    expect(run(['-'], 'nothing of the kind\n')).toMatchObject({ status: 2, stderr: expect.stringContaining('line 1') })
    expect(run(['public/traces/no-such-file.txt'])).toMatchObject({ status: 2 })
    expect(run([])).toMatchObject({ status: 2, stderr: expect.stringContaining('--json') })
  })
})
