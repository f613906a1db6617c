import { useEffect } from 'react'
import type { LabStore } from '../store/lab-store.ts'
import { letGoAfterClicks } from './focus.ts'
import { commandOf, focusOf } from './keys.ts'
import { runCommand } from './run-command.ts'

/** Commands that make sense wherever the reader is; the others belong to the lab. */
const EVERYWHERE: ReadonlySet<string> = new Set(['keys', 'palette', 'close'])

/** Listens to the keyboard for the whole page. While a dialog is open its keys are its own. */
export function useKeys(store: LabStore): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const command = commandOf(event, focusOf(event.target))
      if (command === null) return
      const { overlay, place } = store.getState()
      if (overlay !== 'none' && !EVERYWHERE.has(command.do)) return
      if (place !== 'lab' && !EVERYWHERE.has(command.do)) return
      // A dialog closes itself on Escape and then tells the store.
      if (overlay !== 'none' && command.do === 'close') return
      event.preventDefault()
      runCommand(store, command)
    }
    document.addEventListener('keydown', onKey)
    const stop = letGoAfterClicks(document)
    return () => {
      document.removeEventListener('keydown', onKey)
      stop()
    }
  }, [store])
}
