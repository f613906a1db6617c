import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { Problem } from '../../core/base/problem.ts'
import type { BugFacts } from '../../core/bugs/bug.ts'
import { BUGS } from '../../core/bugs/bug-list.ts'
import { COST_BUGS } from '../../core/bugs/cost-bugs.ts'
import { ruleSentence } from '../../core/bugs/judge.ts'
import { BugCard } from '../../panels/bugs/BugCard.tsx'
import { bugsHash } from '../route.ts'
import { ANYTHING, isWanted, tagsOf, type Wanted } from './filter.ts'
import { wantedOnShelf } from './session.ts'

interface Entry {
  readonly bug: BugFacts
  readonly rule: { readonly id: string; readonly sentence: string } | null
}

const ENTRIES: readonly Entry[] = [
  ...BUGS.map(bug => ({ bug, rule: { id: bug.rule, sentence: ruleSentence(bug.rule) } })),
  ...COST_BUGS.map(bug => ({ bug, rule: null })),
].sort((a, b) => (a.bug.id < b.bug.id ? -1 : 1))
const ALL = ENTRIES.map(e => e.bug)

/** All bugs as cards, and what a reader may look for. */
export function Shelf({ problem }: { readonly problem: Problem | null }) {
  const wanted = useStore(wantedOnShelf)
  const setWanted = (next: Wanted) => wantedOnShelf.setState(next)
  const shown = useMemo(() => ENTRIES.filter(e => isWanted(e.bug, wanted)), [wanted])
  return (
    <>
      <header className="shelf-head">
        <h2>Real bugs, played</h2>
        <p>
          Each was in a kernel. Open one to see the interleaving that does the harm, to switch the bug off, and to move
          it through the kernels. Every verdict is computed while you look.
        </p>
      </header>
      {problem !== null && (
        <p className="bug-problem" role="status">
          {problem.at}: {problem.message}. {problem.mend}
        </p>
      )}
      <search className="shelf-filter">
        <label className="shelf-text">
          Find
          <input
            type="search"
            placeholder="mremap, CVE-2018, I5 …"
            value={wanted.text}
            onChange={e => setWanted({ ...wanted, text: e.target.value })}
          />
        </label>
        <Choice
          label="Who holds the translation"
          tags={tagsOf(ALL, 'consumers')}
          field="consumer"
          {...{ wanted, setWanted }}
        />
        <Choice label="Hardware" tags={tagsOf(ALL, 'hardware')} field="hardware" {...{ wanted, setWanted }} />
        <Choice label="Operation" tags={tagsOf(ALL, 'operations')} field="operation" {...{ wanted, setWanted }} />
      </search>
      <p role="status" className="shelf-count">
        {shown.length} of {ENTRIES.length} bugs
      </p>
      {shown.length < ENTRIES.length && (
        <button type="button" className="press" onClick={() => setWanted(ANYTHING)}>
          Show all
        </button>
      )}
      <ul className="shelf" aria-label="Bugs">
        {shown.map(({ bug, rule }) => (
          <BugCard key={bug.id} bug={bug} href={bugsHash(bug.id)} rule={rule} />
        ))}
      </ul>
    </>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly tags: readonly string[]
  readonly field: 'consumer' | 'hardware' | 'operation'
  readonly wanted: Wanted
  readonly setWanted: (wanted: Wanted) => void
}

function Choice({ label, tags, field, wanted, setWanted }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={wanted[field]} onChange={e => setWanted({ ...wanted, [field]: e.target.value })}>
        <option value="">any</option>
        {tags.map(tag => (
          <option key={tag}>{tag}</option>
        ))}
      </select>
    </label>
  )
}
