import { readScenarioFile } from '../overlays/scenario-file.ts'
import { session } from './session.ts'

/** A file becomes a scenario of its own, whatever it holds. */
export async function takeFile(file: File | undefined): Promise<void> {
  if (file === undefined) return
  const read = await readScenarioFile(file)
  const [problem] = read.ok ? [] : read.problems
  if (read.ok) session.getState().take(read.value, file.name.replace(/\.json$/i, ''))
  else session.getState().say(`${file.name} was not opened: ${problem?.message}. ${problem?.mend}`)
}
