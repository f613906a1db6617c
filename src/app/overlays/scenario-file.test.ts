import { describe, expect, it, vi } from 'vitest'
import { UNPACKED_LIMIT } from '../packed.ts'
import { type ReadableFile, readScenarioFile } from './scenario-file.ts'

const fileOf = (bytes: Uint8Array<ArrayBuffer>, size = bytes.length): ReadableFile => ({
  name: 'mine.json',
  size,
  arrayBuffer: () => Promise.resolve(bytes.buffer),
})

describe('a file that may be a scenario', () => {
  it('is read as it is', async () => {
    const text = '{"title":"Größe → 1"}'
    expect(await readScenarioFile(fileOf(new TextEncoder().encode(text)))).toEqual({ ok: true, value: text })
  })

  it('is not read when it is too large', async () => {
    const arrayBuffer = vi.fn(() => Promise.resolve(new ArrayBuffer(0)))
    const huge = { name: 'huge.json', size: UNPACKED_LIMIT + 1, arrayBuffer }
    expect(await readScenarioFile(huge)).toMatchObject({ ok: false, problems: [{ at: 'huge.json' }] })
    expect(arrayBuffer).not.toHaveBeenCalled()
  })

  it('is refused when it is no text', async () => {
    const answer = await readScenarioFile(fileOf(new Uint8Array([0xff, 0xfe, 0x00, 0x80])))
    expect(answer).toMatchObject({ ok: false, problems: [{ message: 'this is not text in UTF-8' }] })
  })

  it('is refused when the disk does not give it', async () => {
    const gone = {
      name: 'gone.json',
      size: 3,
      arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')),
    }
    expect(await readScenarioFile(gone)).toMatchObject({
      ok: false,
      problems: [{ message: 'the file could not be read' }],
    })
  })
})
