import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { Dialog } from '../Dialog.tsx'
import { useHandles } from '../lab-context.ts'
import { matching, type PaletteEntry, paletteEntries } from './palette-entries.ts'

/** Type a few letters, press Enter: commands, moves, scenarios, bugs, kernels and places in one list. */
export function Palette() {
  return (
    <Dialog name="palette" title="Find a command">
      <PaletteBody />
    </Dialog>
  )
}

function PaletteBody() {
  const { store } = useHandles()
  const [bugs, setBugs] = useState<readonly PaletteEntry[] | null>(null)
  const entries = useMemo(() => [...paletteEntries(store), ...(bugs ?? [])], [store, bugs])
  const [typed, setTyped] = useState('')
  const [picked, setPicked] = useState(0)
  const found = matching(entries, typed)
  const list = useRef<HTMLDivElement>(null)
  const id = useId()

  useEffect(() => {
    // Found without them when the file cannot be had: offline, before the first visit to the shelf.
    import('./palette-bugs.ts').then(({ bugEntries }) => setBugs(bugEntries(store))).catch(() => setBugs([]))
  }, [store])

  useEffect(() => {
    list.current?.children[picked]?.scrollIntoView({ block: 'nearest' })
  }, [picked])

  const run = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return
    store.getState().show('none')
    entry.run()
  }
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by !== 0) setPicked(p => (p + by + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') run(found[picked])
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        data-first-focus=""
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[picked] === undefined ? undefined : `${id}-${picked}`}
        aria-label="Command, scenario, bug, kernel or place"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={event => {
          setTyped(event.target.value)
          setPicked(0)
        }}
        onKeyDown={onKey}
      />
      <div ref={list} id={id} role="listbox" aria-label="Found" className="palette-list">
        {found.map((entry, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
          <div
            key={`${entry.group} ${entry.name}`}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === picked}
            tabIndex={-1}
            onClick={() => run(entry)}
          >
            <span className="palette-group">{entry.group}</span>
            <span>{entry.name}</span>
            <span className="palette-hint">{entry.hint}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p role="status">
          {bugs === null ? 'One moment…' : 'No command, move, scenario, moment, bug, kernel or place has these words.'}
        </p>
      )}
    </>
  )
}
