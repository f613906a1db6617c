import { failed, type Parsed, parsed } from '../../core/base/problem.ts'
import { UNPACKED_LIMIT } from '../packed.ts'

/** The part of a File that is used. */
export type ReadableFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>

/** The text of a file that may be a scenario. One that is too long for one, or no text, is not read on. */
export async function readScenarioFile(file: ReadableFile): Promise<Parsed<string>> {
  const at = file.name
  if (file.size > UNPACKED_LIMIT) {
    const message = `${Math.ceil(file.size / 1024)} KiB are too much for a scenario`
    return failed({ at, message, mend: `Choose a file of at most ${UNPACKED_LIMIT / 1024} KiB.` })
  }
  try {
    return parsed(new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()))
  } catch (error) {
    // TypeError: its bytes are not UTF-8. Anything else comes from the disk.
    return error instanceof TypeError
      ? failed({ at, message: 'this is not text in UTF-8', mend: 'Save it as UTF-8.' })
      : failed({ at, message: 'the file could not be read', mend: 'Is it still there? Choose it again.' })
  }
}
