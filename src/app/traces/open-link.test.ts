import { describe, expect, it } from 'vitest'
import { findRecording, findStep, openText, readOpen } from './open-link.ts'
import type { RecordingCard } from './recordings.ts'

const cards = ['munmap4', 'brk'].map(name => ({ name }) as RecordingCard)

describe('a link to a recording', () => {
  it('comes back as it went', () => {
    expect(readOpen(openText('munmap4', 3))).toEqual({ name: 'munmap4', step: '3' })
    expect(readOpen(openText('munmap4'))).toEqual({ name: 'munmap4', step: null })
    expect(readOpen(null)).toBe(null)
  })

  it('says that there is no such recording, and which was meant', () => {
    expect(findRecording({ name: 'brk', step: null }, cards)).toEqual({ card: cards[1], problem: null })
    expect(findRecording({ name: 'munmap5', step: null }, cards).problem).toMatch(/“munmap5”.*Did it mean munmap4\?/)
    expect(findRecording({ name: '', step: '2' }, cards).problem).toMatch(/no recording/)
    expect(findRecording({ name: 'etc', step: null }, cards).problem).not.toMatch(/Did it mean/)
  })

  it('says that there is no such step', () => {
    expect(findStep('3', 3)).toEqual({ step: 2, problem: null })
    for (const wrong of ['0', '4', '-1', 'three', '']) expect(findStep(wrong, 3).problem).toMatch(/steps 1 to 3/)
  })
})
