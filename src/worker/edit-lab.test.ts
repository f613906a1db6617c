import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../core/base/assert.ts'
import { readJson } from '../core/base/json.ts'
import { nodeAt, pathAround } from '../core/base/json-path.ts'
import { createEditLab } from './edit-lab.ts'
import { Dice, scrambled } from './testing/scenario-mutations.ts'

const lab = createEditLab()
const { shipped } = lab.materials()
const plain = known(
  shipped.find(s => s.id === 'munmap-plain'),
  'a shipped scenario',
).text
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length
const check = (text: string) => lab.check(text, '6.1')

describe('a scenario while it is written', () => {
  it.each(shipped.map(s => [s.id, s.text] as const))(
    '%s, as it is offered to start from, can be run, and so can what it says to try',
    (_, text) => {
      const { problems, preview, notes } = check(text)
      expect(problems).toEqual([])
      expect(preview?.world.rules.some(rule => rule.verdict === 'violated')).toBe(false)
      expect(preview?.stateBytes).toBeGreaterThan(0)
      expect(notes.filter(note => note.wrong)).toEqual([])
    },
  )

  it('is shown as it is before the first step, under the kernel that is asked for', () => {
    const { preview } = lab.check(plain, '3.18')
    expect(preview?.kernel).toBe('3.18')
    expect(lab.check(plain, 'none').preview?.kernel).toBe('6.1')
    expect(preview?.actors.slice(0, 3)).toEqual(['CPU 0', 'CPU 1', 'CPU 2'])
    expect(preview?.world.devices.map(d => d.name)).toEqual(['GPU 0'])
  })

  it('has each problem at its path, line and column, in the order of the text', () => {
    const text = plain.replace(/"batchSize": \d+/, '"batchSize": 0').replace('"frames"', '"framez"')
    const { problems, preview } = check(text)
    expect(preview).toBeNull()
    expect(problems.map(p => [p.at, p.line, text.slice(p.span.from, p.span.to)])).toEqual([
      ['memory.framez', lineOf(text, '"framez"'), /"frames": (\d+)/.exec(plain)?.[1]],
      ['batchSize', lineOf(text, '"batchSize"'), '0'],
    ])
  })

  it('says where the text stops being JSON', () => {
    const { problems } = check(plain.replace('"batchSize": 16,', '"batchSize": 16'))
    expect(problems).toMatchObject([{ line: 23, column: 3, mend: expect.stringContaining('comma') }])
  })

  it('is told of a name that is there twice, and can be run all the same', () => {
    const { problems, preview } = check(plain.replace('"batchSize": 16,', '"batchSize": 1, "batchSize": 16,'))
    expect(problems).toMatchObject([{ at: 'batchSize', message: 'this name is there twice', path: ['batchSize'] }])
    expect(preview).not.toBeNull()
  })

  it('is told when something to try cannot be done', () => {
    const { notes, problems } = check(plain.replace('"schedule": "0003', '"schedule": "3*z3*z0003'))
    expect(problems).toEqual([])
    expect(notes[0]).toMatchObject({ wrong: true, message: expect.stringMatching(/^It stops at step \d+: /) })
  })

  it('never makes the reader of it throw, and every problem stands in the text', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const dice = new Dice(seed)
        const text = scrambled(dice.of(shipped).text, dice)
        for (const { span, line } of check(text).problems) {
          expect(span.from).toBeLessThanOrEqual(text.length)
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
        }
      }),
      { numRuns: 400 },
    )
  })
})

describe('places in JSON', () => {
  it('are found from the text and back', () => {
    const read = readJson(plain)
    if (!read.ok) throw new Error('a shipped scenario is JSON')
    const at = plain.indexOf('buf[0]')
    const path = pathAround(read.root, at)
    expect(path).toEqual(['devices', 0, 'script', 0, 'page'])
    expect(nodeAt(read.root, path)).toMatchObject({ value: 'buf[0]', from: at - 1 })
  })

  it('hold the same value as JSON.parse gives', () => {
    const plainly = (node: ReturnType<typeof nodeAt>): unknown => {
      if (node?.kind === 'array') return node.items.map(plainly)
      if (node?.kind === 'object') return Object.fromEntries(node.members.map(m => [m.name, plainly(m.value)]))
      return node?.value
    }
    fc.assert(
      fc.property(fc.json(), fc.nat(2), (text, indent) => {
        const laid = JSON.stringify(JSON.parse(text), null, indent)
        const read = readJson(laid)
        expect(read.ok && plainly(read.root)).toEqual(JSON.parse(laid))
      }),
    )
  })
})
