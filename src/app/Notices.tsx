import type { Problem } from '../core/base/problem.ts'
import type { RunView } from '../worker/lab-api.ts'
import { Icon } from './icons.tsx'
import { useHandles, useLab } from './lab-context.ts'

/** What the reader must know about the page itself: a link that was not followed, a worker that was lost. */
export function Notices() {
  const { store } = useHandles()
  const place = useLab(s => s.place)
  const all = useLab(s => s.problems)
  const problems = place === 'lab' ? all : place === 'explore' ? all.filter(p => !p.at.startsWith('schedule')) : NONE
  const notice = useLab(s => s.notice)
  const refusal = useLab(s => s.refusal)
  const failure = useLab(s => s.failure)
  const opened = useLab(openedInWords)
  const leftOut = useLab(s => (s.place === 'lab' ? (s.run?.leftOut ?? NOTHING) : NOTHING))
  const { dismissProblems, dismissNotice } = store.getState()
  return (
    <div className="notices">
      {failure !== null && (
        <section className="notice is-grave" role="alert" aria-label="The simulation cannot be started">
          <p>
            <b>The simulation cannot be started:</b> {failure}. The address bar still holds the link to this run.
          </p>
          <button type="button" className="strong" onClick={() => location.reload()}>
            Reload
          </button>
        </section>
      )}
      {leftOut.length > 0 && (
        <section className="notice" aria-label="Left out of this kernel">
          <p>
            <b>
              This run leaves out {leftOut.map(l => `${l.what} in ${l.path.at(-2) ?? 'the program'}`).join(', and ')}.
            </b>{' '}
            The rest of the kernel is as it was.
          </p>
          <button type="button" onClick={() => void store.getState().change({ without: null })}>
            {leftOut.length === 1 ? 'Put it back' : 'Put them back'}
          </button>
        </section>
      )}
      {problems.length > 0 && (
        <section className="notice" role="status" aria-label="Problems with the link">
          <div>
            <p>
              <b>The link was not followed to the letter.</b> {opened}
            </p>
            <ProblemList problems={problems} />
          </div>
          <Dismiss onClick={dismissProblems} />
        </section>
      )}
      {notice !== null && (
        <section className="notice" role="status" aria-label="The simulation was restarted">
          <p>{notice}</p>
          <Dismiss onClick={dismissNotice} />
        </section>
      )}
      {refusal !== null && (
        <section className="notice" role="status" aria-label="Move refused">
          <p>
            <b>That move is not possible:</b> {refusal}.
          </p>
          <Dismiss onClick={dismissNotice} />
        </section>
      )}
    </div>
  )
}

const NOTHING: RunView['leftOut'] = []
const NONE: readonly Problem[] = []

/** Problems as a list: where, what is wrong, how to mend it. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <ul className="problems">
      {problems.map(p => (
        <li key={`${p.at} ${p.message}`}>
          <code>{p.at}</code>: {p.message}. {p.mend}
        </li>
      ))}
    </ul>
  )
}

function Dismiss({ onClick }: { readonly onClick: () => void }) {
  return (
    <button type="button" className="quiet icon-only" aria-label="Dismiss" onClick={onClick}>
      <Icon name="close" />
    </button>
  )
}

function openedInWords(s: Parameters<Parameters<typeof useLab>[0]>[0]): string {
  if (s.run === null || s.snapshot === null) return ''
  const kernel = s.catalogue?.kernels.find(k => k.id === s.run?.settings.kernel)?.label ?? s.run.settings.kernel
  if (s.place === 'explore') return `Opened instead: ${s.run.scenario.title}, on ${kernel}.`
  return `Opened instead: ${s.run.scenario.title}, on ${kernel}, at step ${s.snapshot.at} of ${s.snapshot.length}.`
}
