import { describe, expect, it } from 'vitest'
import { expandPhases, foldPhases } from './fold.ts'
import { kernelOf, secondaryNameOf } from './kernel.ts'
import { phasesOf } from './phases.ts'
import { further, recordingOf, samples } from './testing/recordings.ts'

describe('the recordings that come with the app', () => {
  it.each(samples.map(s => [s.file, s] as const))(
    '%s has the phases established for it, step by step',
    (file, sample) => {
      const recording = recordingOf(file)
      const kernel = kernelOf(recording.names)
      expect(kernel).toBe(sample.kernel)

      const steps = recording.steps.map(s => ({
        step: s.name,
        order: foldPhases(phasesOf(recording.events.slice(s.from, s.to), secondaryNameOf(kernel)).map(p => p.name)),
      }))
      // A random run announces no steps: nothing was established for it, and all of it is in its BEGIN.
      if (sample.steps.length === 0) expect(steps.map(s => s.step)).toEqual(['BEGIN'])
      else expect(steps).toEqual(sample.steps.map(s => ({ step: s.step, order: foldPhases(expandPhases(s.order)) })))
    },
  )

  it.each([...samples.map(s => s.file), ...further])('%s has no line that is not understood', file => {
    const { counts, problems, moreProblems } = recordingOf(file)
    expect(problems).toEqual([])
    expect(moreProblems + counts.foreign + counts.dropped).toBe(0)
  })

  it('counts the pages freed in the recordings with steps as they were counted independently', () => {
    for (const sample of samples) {
      if (sample.steps.length === 0) continue
      const freed = recordingOf(sample.file).events.filter(e => e.event.type === 'page-freed').length
      expect([sample.file, freed]).toEqual([sample.file, sample.pagesFreed])
    }
  })
})
