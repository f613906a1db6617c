import { type DragEvent, useEffect, useMemo, useState } from 'react'
import { Intake } from '../../panels/traces/Intake.tsx'
import { ReadingProgress } from '../../panels/traces/ReadingProgress.tsx'
import '../../panels/traces/traces.css'
import '../../panels/traces/detail.css'
import '../../panels/traces/strip.css'
import '../../panels/traces/overview.css'
import { problemLine } from '../../core/base/problem.ts'
import { useHandles, useLab } from '../lab-context.ts'
import { Overview } from './Overview.tsx'
import { findRecording, openText, readOpen } from './open-link.ts'
import { Notice } from './PlaceNotice.tsx'
import { RecordingView } from './RecordingView.tsx'
import { bundledSource, fileSource, type Source } from './read-source.ts'
import { fetchRecordings, type RecordingCard } from './recordings.ts'
import { type Reading, useRecording } from './use-recording.ts'
import { useVerdicts } from './use-verdicts.ts'

/** Recordings of real kernels: those that come with the app, and the reader's own. */
export default function TracesPlace() {
  const { store } = useHandles()
  const open = useLab(s => s.recording)
  const list = useRecordings()
  const cards = useMemo(() => (list === null || 'why' in list ? [] : list), [list])
  const link = useMemo(() => readOpen(open), [open])
  const { card, problem } = list === null ? LATER : findRecording(link, cards)
  const [own, setOwn] = useOwn(open)
  const source = useMemo(() => own?.source ?? (card === null ? null : bundledSource(card.file)), [own, card])
  const { reading, linesOf, cancel } = useReading(source)
  const verdicts = useVerdicts(cards, source === null && list !== null)

  const arriving = reading.kind === 'reading' || reading.kind === 'nothing'
  // The comparing of all recordings goes on by itself, says how far it is, and moves nothing: nobody has to wait for it.
  const busy = list === null || (source !== null && arriving)
  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere says that something is on its way: answer
  useEffect(() => store.getState().setReading(busy), [store, busy, open])

  const go = (name: string | null, step?: number) =>
    store.getState().go('traces', name === null ? null : openText(name, step))
  const take = (file: File) => {
    setOwn({ source: fileSource(file), step: null })
    if (open !== null) go(null)
  }
  const close = () => {
    setOwn(null)
    cancel()
    if (open !== null) go(null)
  }
  const { over, ...drop } = useDrop(take)
  return (
    <section className={over ? 'traces is-over' : 'traces'} aria-label="Recordings of real kernels" {...drop}>
      {problem !== null && own === null && <Notice text={problem} />}
      {list !== null && 'why' in list && (
        <p role="alert">The list of recordings is not there: {list.why}. Your own can be opened all the same.</p>
      )}
      {source === null ? (
        list !== null && <Overview cards={cards} verdicts={verdicts} onFile={take} />
      ) : (
        <Opened reading={reading} onClose={close} onFile={take}>
          {report => (
            <RecordingView
              report={report}
              card={own === null ? card : null}
              cards={cards}
              step={own === null ? (link?.step ?? null) : own.step}
              linesOf={linesOf}
              onStep={step => (own !== null ? setOwn({ ...own, step: `${step}` }) : go(card?.name ?? null, step))}
              onList={() => setOwn(null)}
            />
          )}
        </Opened>
      )}
    </section>
  )
}

const LATER = { card: null, problem: null }

interface OpenedProps {
  readonly reading: Reading
  readonly onClose: () => void
  readonly onFile: (file: File) => void
  readonly children: (report: Extract<Reading, { readonly kind: 'read' }>['report']) => React.ReactNode
}

/** A recording on its way in, or one that is none, or one that is there. */
function Opened({ reading, onClose, onFile, children }: OpenedProps) {
  if (reading.kind === 'nothing') return null
  const { name, size } = reading.source
  if (reading.kind === 'reading')
    return <ReadingProgress name={name} bytes={reading.bytes} size={size} onCancel={onClose} />
  const why = reading.kind === 'failed' ? `${reading.why}.` : whyNone(reading.report)
  if (why === null && reading.kind === 'read') return children(reading.report)
  return (
    <>
      <section className="broken" role="alert">
        <p>
          <b>{name} could not be read:</b> {why}
        </p>
        <button type="button" className="trace-button" onClick={onClose}>
          All recordings
        </button>
      </section>
      <Intake onFile={onFile} />
    </>
  )
}

/** Why a text is no recording at all, and where that was noticed; null when it is one. */
function whyNone({ counts, problems }: Extract<Reading, { readonly kind: 'read' }>['report']): string | null {
  const [first] = problems
  if (first === undefined || counts.records + counts.ignored + counts.dropped > 0) return null
  return problemLine(first)
}

interface Own {
  readonly source: Source
  /** The step that is looked at (from 1). */
  readonly step: string | null
}

/** The reader's own recording. A link to another one puts it away. */
function useOwn(open: string | null) {
  const [own, setOwn] = useState<Own | null>(null)
  const shown = open === null ? own : null
  useEffect(() => {
    if (open !== null) setOwn(null)
  }, [open])
  return [shown, setOwn] as const
}

/** Reads whatever is to be read. What was read before is gone at once, so that nobody sees one under the name of another. */
function useReading(source: Source | null) {
  const { reading, read, cancel, linesOf } = useRecording()
  useEffect(() => {
    if (source === null) cancel()
    else read(source)
  }, [source, read, cancel])
  const current: Reading = reading.kind !== 'nothing' && reading.source !== source ? { kind: 'nothing' } : reading
  return { reading: current, cancel, linesOf }
}

/** A file may be dropped anywhere: beside the field for it, the browser would leave the page for it. */
function useDrop(onFile: (file: File) => void) {
  const [over, setOver] = useState(false)
  return {
    over,
    onDragOver: (event: DragEvent) => {
      event.preventDefault()
      setOver(true)
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      const file = event.dataTransfer.files[0]
      if (file !== undefined) onFile(file)
    },
  }
}

function useRecordings() {
  const [list, setList] = useState<readonly RecordingCard[] | { readonly why: string } | null>(null)
  useEffect(() => {
    let wanted = true
    void fetchRecordings().then(found => {
      if (wanted) setList(found)
    })
    return () => {
      wanted = false
    }
  }, [])
  return list
}
