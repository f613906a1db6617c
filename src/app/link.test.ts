import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunLink } from '../worker/lab-api.ts'
import { formatLink, readLink } from './link.ts'
import { packText, UNPACKED_LIMIT, unpackText } from './packed.ts'
import { editHash, exploreHash, labHash, readRoute, tracesHash } from './route.ts'

const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter(w => w !== '__proto__')
const links: fc.Arbitrary<RunLink> = fc.record(
  {
    scenario: word,
    kernel: fc.constantFrom('3.18', '3.19-1of3', '6.6'),
    driver: word,
    arch: word,
    switches: fc
      .dictionary(word, word, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
      .filter(s => Object.keys(s).length > 0),
    without: fc.array(word, { minLength: 1, maxLength: 3 }),
    schedule: fc.string({ unit: fc.constantFrom(...'0123456789abc.*') }),
    at: fc.nat(10_000),
    checksum: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 8 }),
    semantics: fc.nat(99),
    custom: fc.json(),
  },
  { requiredKeys: ['scenario'] },
)

describe('a link to a moment', () => {
  it('is short and readable', () => {
    const link: RunLink = {
      scenario: 'munmap-forced-flush',
      kernel: '3.18',
      driver: 'naive',
      switches: { drainsWalks: 'false' },
      schedule: '0110',
      at: 4,
      semantics: 1,
      checksum: 'beef',
    }
    expect(labHash(link)).toBe('#/lab?s=munmap-forced-flush&k=3.18&d=naive&sw=drainsWalks:false&r=0110&at=4&v=1&c=beef')
  })

  it('names what the kernel of the run leaves out by the ends of call paths', () => {
    const link: RunLink = { scenario: 'a', without: ['tlb_finish_mmu/dsb(ish)', 'completion wait'] }
    expect(labHash(link)).toBe('#/lab?s=a&w=tlb_finish_mmu/dsb(ish),completion%20wait')
    expect(exploreHash(link)).toBe('#/explore?s=a')
  })

  it('says the same when it is read back', () => {
    fc.assert(
      fc.property(links, link => {
        expect(readLink(formatLink(link))).toEqual({ link, problems: [] })
        expect(readRoute(labHash(link))).toMatchObject({ place: 'lab', link, problems: [] })
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['s=a&at=soon', 'link, part at', /not a whole number/],
    ['s=a&at=-1', 'link, part at', /not a whole number/],
    ['s=a&zz=1', 'link, part zz', /no part of this name/],
    ['s=a&s=b', 'link, part s', /twice/],
    ['s=a&k=%E0%A4', 'link, part k', /%/],
    ['s=a&sw=drains', 'link, part sw', /switch/],
    ['s=a&w=one,,two', 'link, part w', /points of the kernel/],
    ['s=a&x=$$$', 'link, part x', /do not belong/],
    ['s=a&x=AAAA', 'link, part x', /cut off/],
    ['k=3.18', 'link, part s', /scenario/],
  ])('%s names the part that is wrong', (query, at, message) => {
    expect(readLink(query).problems).toEqual([expect.objectContaining({ at, message: expect.stringMatching(message) })])
  })

  it('that holds nothing is not a broken one', () => {
    expect(readLink('')).toEqual({ link: null, problems: [] })
    expect(readRoute('')).toMatchObject({ place: 'lab', problems: [] })
  })
})

describe('a link that somebody spoilt', () => {
  /** One careless edit: a character lost, put in, changed, a tail cut off, a piece doubled. */
  const edits = fc.tuple(
    fc.constantFrom('drop', 'put', 'change', 'cut', 'double'),
    fc.nat(400),
    fc.oneof(fc.constantFrom(...'%&=:,#?/+ \0€'), fc.string({ maxLength: 6 })),
  )
  const spoil = (hash: string, [kind, where, text]: [string, number, string]): string => {
    const i = hash.length === 0 ? 0 : where % hash.length
    if (kind === 'drop') return hash.slice(0, i) + hash.slice(i + 1)
    if (kind === 'put') return hash.slice(0, i) + text + hash.slice(i)
    if (kind === 'change') return hash.slice(0, i) + text + hash.slice(i + 1)
    if (kind === 'cut') return hash.slice(0, i)
    return hash + hash.slice(i)
  }

  it('never throws, complains in sentences, and yields a link that stays the same from then on', () => {
    fc.assert(
      fc.property(links, fc.array(edits, { minLength: 1, maxLength: 6 }), (link, all) => {
        const read = readRoute(all.reduce(spoil, labHash(link)))
        for (const p of read.problems) expect([p.at, p.message, p.mend].every(t => t.length > 3)).toBe(true)
        if (read.link !== null) expect(readLink(formatLink(read.link))).toEqual({ link: read.link, problems: [] })
      }),
      { numRuns: 5000 },
    )
  })

  it('may be any text at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webFragments()), text => {
        expect(readRoute(`#${text}`)).toHaveProperty('place')
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a scenario carried in a link', () => {
  it('is refused when it grows past the limit', () => {
    expect(unpackText(packText('x'.repeat(UNPACKED_LIMIT)))).toHaveProperty('text')
    const bomb = packText('x'.repeat(40 * UNPACKED_LIMIT))
    expect(bomb.length).toBeLessThan(20_000)
    expect(unpackText(bomb)).toEqual({ why: 'is larger than 256 kB when unpacked' })
  })
})

describe('places', () => {
  it('are found by their names', () => {
    expect(readRoute('#/traces')).toMatchObject({ place: 'traces', recording: null })
    expect(readRoute(tracesHash('munmap4.trace.txt'))).toMatchObject({
      place: 'traces',
      recording: 'munmap4.trace.txt',
    })
    expect(readRoute('#/traces?open=../../etc/passwd')).toMatchObject({ place: 'traces', recording: null })
    expect(readRoute('#/edit')).toMatchObject({ place: 'edit', editing: null, link: null })
    expect(readRoute(editHash('s=munmap-plain'))).toMatchObject({
      place: 'edit',
      editing: 's=munmap-plain',
      link: null,
    })
    expect(readRoute('#/nowhere').problems).toHaveLength(1)
  })
})
