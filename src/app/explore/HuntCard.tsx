import { useEffect } from 'react'
import { useStore } from 'zustand'
import { type Counter, Counters } from '../../panels/explore/Counters.tsx'
import { Verdict } from '../../panels/explore/Verdict.tsx'
import type { RunFormat } from '../../worker/explore-api.ts'
import { useLab } from '../lab-context.ts'
import { labHash } from '../route.ts'
import { answerOf, count, megabytes } from './answer.ts'
import { Copying } from './Copying.tsx'
import type { Hunt } from './explore-store.ts'
import { huntJson, huntMarkdown, settingsLine } from './hunt-text.ts'
import { session } from './session.ts'
import { useCopy } from './use-copy.ts'

interface Props {
  readonly hunt: Hunt
  readonly mostStates: number
}

/** The question, its answer, and what can be done with it. */
export function HuntCard({ hunt, mostStates }: Props) {
  const { search, cancel } = session.getState()
  const kernels = useLab(s => s.catalogue?.kernels)
  const searching = hunt.phase === 'searching'
  const watch = hunt.phase === 'answered' ? (hunt.report?.verdict?.link ?? null) : null
  return (
    <section className="sheet hunt" aria-labelledby="hunt-title">
      <header>
        <h2 id="hunt-title">{hunt.begun?.scenario.title ?? 'Building the machine…'}</h2>
        <p className="muted">{settingsLine(hunt, id => kernels?.find(k => k.id === id)?.label ?? id)}</p>
      </header>
      <Verdict answer={answerOf(hunt)} />
      <Counters counters={countersOf(hunt)} />
      <div className="explore-actions">
        {watch !== null && (
          <a className="press is-strong" href={labHash(watch)}>
            Watch it
          </a>
        )}
        {searching ? (
          <button type="button" className="press" onClick={cancel}>
            Cancel
          </button>
        ) : (
          <button type="button" className={watch === null ? 'press is-strong' : 'press'} onClick={() => void search()}>
            Search every interleaving
          </button>
        )}
        <LookAt disabled={searching} />
        <GiveUp mostStates={mostStates} disabled={searching} />
      </div>
      <Exports hunt={hunt} />
    </section>
  )
}

function LookAt({ disabled }: { readonly disabled: boolean }) {
  const reduced = useStore(session, s => s.reduced)
  return (
    <label className="give-up">
      look at{' '}
      <select
        value={reduced ? 'needed' : 'every'}
        disabled={disabled}
        onChange={event => session.getState().setReduced(event.target.value === 'needed')}
      >
        <option value="every">every state</option>
        <option value="needed">as few as the verdict needs</option>
      </select>
    </label>
  )
}

const LIMITS = [1_000, 100_000, 1_000_000, 10_000_000, 50_000_000]

function GiveUp({ mostStates, disabled }: { readonly mostStates: number; readonly disabled: boolean }) {
  return (
    <label className="give-up">
      give up after{' '}
      <select
        value={mostStates}
        disabled={disabled}
        onChange={event => session.getState().setMostStates(Number(event.target.value))}
      >
        {LIMITS.map(n => (
          <option key={n} value={n}>
            {count(n)} states
          </option>
        ))}
      </select>
    </label>
  )
}

/** Everything that takes the answer elsewhere. There from the start, so that nothing moves when the answer comes. */
function Exports({ hunt }: { readonly hunt: Hunt }) {
  const { copied, copy, clear } = useCopy()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer, and nothing has been copied of it
  useEffect(clear, [hunt.question, hunt.phase])
  const none = hunt.phase !== 'answered'
  const link = none ? null : (hunt.report?.verdict?.link ?? null)
  const here = new URL(hunt.question.name, location.href).href
  const links = { explore: here, watch: link === null ? null : new URL(labHash(link), location.href).href }
  const runAs = (format: RunFormat) => (link === null ? Promise.resolve('') : session.getState().runText(link, format))
  const made = async (format: RunFormat, make: (run: string) => string) => {
    const run = await runAs(format)
    return run === null ? null : make(run)
  }
  return (
    <div className="explore-exports">
      <button
        type="button"
        className="press"
        disabled={link === null}
        onClick={() => void copy('The table', runAs('text'))}
      >
        Copy as table
      </button>
      <button type="button" className="press" onClick={() => void copy('The link', here)}>
        Copy link
      </button>
      <button
        type="button"
        className="press"
        disabled={none}
        onClick={() =>
          void copy(
            'The answer in Markdown',
            made('markdown', run => huntMarkdown(hunt, links, run)),
          )
        }
      >
        Copy as Markdown
      </button>
      <button
        type="button"
        className="press"
        disabled={none}
        onClick={() =>
          void copy(
            'The answer in JSON',
            made('json', run => huntJson(hunt, links, run)),
          )
        }
      >
        Copy as JSON
      </button>
      <Copying copied={copied} />
    </div>
  )
}

function countersOf({ report }: Hunt): readonly Counter[] {
  // So few are found before the program has warmed up: that says nothing of speed.
  const speed = report === null || report.states < 10_000 ? null : report.states / report.seconds
  const number = (n: number | null | undefined) => (n === undefined || n === null ? '–' : count(n))
  return [
    { name: 'states', value: number(report?.states) },
    { name: 'moves', value: number(report?.transitions) },
    { name: 'depth', value: number(report?.depth) },
    { name: 'frontier', value: number(report?.frontier) },
    { name: 'states/s', value: number(speed === null ? undefined : Math.round(speed / 1000) * 1000) },
    { name: 'seconds', value: report === null ? '–' : report.seconds.toFixed(2) },
    { name: 'memory', value: report === null ? '–' : megabytes(report.bytes) },
  ]
}
