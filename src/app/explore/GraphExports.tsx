import { useState } from 'react'
import { reasonOf } from '../../store/patience.ts'
import { startStudyWorker } from '../../worker/study-client.ts'
import { count } from './answer.ts'
import { Copying } from './Copying.tsx'
import type { Question } from './explore-store.ts'
import { type GraphKind, type GraphText, writeGraph } from './graph-file.ts'
import { useCopy } from './use-copy.ts'

const FORMATS = [
  { kind: 'graph-dot', name: 'DOT', ends: 'dot', what: 'for Graphviz' },
  { kind: 'graph-aut', name: 'AUT', ends: 'aut', what: 'for CADP and mCRL2' },
] as const

/** Longer texts are a file, and nothing for a clipboard. Characters. */
const MOST_COPIED = 5_000_000

/** The graph as a file or in the clipboard. It is written when somebody asks for it. */
export function GraphExports({ question }: { readonly question: Question }) {
  const [busy, setBusy] = useState(false)
  const [said, say] = useState('')
  const { copied, copy, clear } = useCopy()

  const take = async (kind: GraphKind, use: (text: Extract<GraphText, { kind: 'text' }>) => Promise<void> | void) => {
    setBusy(true)
    clear()
    say('Writing the graph…')
    try {
      const written = await writeGraph(startStudyWorker, kind, question.link, states =>
        say(`Writing the graph, ${count(states)} states…`),
      )
      if (written.kind === 'text') await use(written)
      else
        say(
          `There are more than ${count(written.states)} states: too many for a file here. npm run explore writes more.`,
        )
    } catch (error) {
      say(`${reasonOf(error)}.`)
    } finally {
      setBusy(false)
    }
  }
  const download = (kind: GraphKind, ends: string) =>
    take(kind, ({ pieces, states, moves }) => {
      const file = new Blob([...pieces], { type: 'text/plain;charset=utf-8' })
      const name = `${question.link.scenario}-${question.link.kernel ?? 'graph'}.${ends}`
      handOver(file, name)
      say(`${name}: ${count(states)} states, ${count(moves)} moves, ${count(Math.ceil(file.size / 1000))} kB.`)
    })
  const toClipboard = (kind: GraphKind, name: string) =>
    take(kind, async ({ pieces }) => {
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
      say(length > MOST_COPIED ? `${name} has ${count(length)} characters: too many to copy. Download it.` : '')
      if (length <= MOST_COPIED) await copy(`The graph as ${name}`, pieces.join(''))
    })

  return (
    <div className="explore-exports">
      {FORMATS.map(({ kind, name, ends, what }) => (
        <button
          key={kind}
          type="button"
          className="press"
          disabled={busy}
          title={what}
          onClick={() => void download(kind, ends)}
        >
          Download {name}
        </button>
      ))}
      {FORMATS.map(({ kind, name, what }) => (
        <button
          key={kind}
          type="button"
          className="press"
          disabled={busy}
          title={what}
          onClick={() => void toClipboard(kind, name)}
        >
          Copy {name}
        </button>
      ))}
      <p className="muted" role="status">
        {said}
      </p>
      <Copying copied={copied} />
    </div>
  )
}

/** Hands a file to the browser as a download. */
function handOver(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
