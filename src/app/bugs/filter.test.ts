import { describe, expect, it } from 'vitest'
import { BUGS } from '../../core/bugs/bug-list.ts'
import { COST_BUGS } from '../../core/bugs/cost-bugs.ts'
import { ANYTHING, isWanted, tagsOf, type Wanted } from './filter.ts'

const all = [...BUGS, ...COST_BUGS]
const found = (wanted: Partial<Wanted>) => all.filter(b => isWanted(b, { ...ANYTHING, ...wanted })).map(b => b.id)

describe('looking for a bug', () => {
  it('finds everything when nothing is asked', () => {
    expect(found({})).toHaveLength(35)
  })

  it('by CVE, by commit, by rule, by words in any order and either case', () => {
    expect(found({ text: 'cve-2018-18281' })).toEqual(['B07'])
    expect(found({ text: '7a30df49f63a' })).toContain('B09')
    expect(found({ text: 'RANGE nested' })).toContain('B09')
    expect(found({ text: 'L1' })).toContain('B04')
    expect(found({ text: 'nested unicorn' })).toEqual([])
  })

  it('by who holds the translation, hardware and operation together', () => {
    expect(found({ consumer: 'SVA', hardware: 'walk cache', operation: 'munmap' })).toContain('B02')
    expect(found({ consumer: 'KVM', operation: 'mremap' })).toEqual([])
  })

  it.each(['consumers', 'hardware', 'operations'] as const)('offers of %s only what finds something', kind => {
    const field = { consumers: 'consumer', hardware: 'hardware', operations: 'operation' }[kind]
    for (const tag of tagsOf(all, kind)) expect(found({ [field]: tag })).not.toEqual([])
  })
})
