import { useEffect, useState } from 'react'
import { Intake } from '../../panels/traces/Intake.tsx'
import { RecordingList } from '../../panels/traces/RecordingList.tsx'
import '../../panels/traces/traces.css'
import '../../panels/compare/compare.css'
import { useHandles, useLab } from '../lab-context.ts'
import { tracesHash } from '../route.ts'
import { RecordingView } from './RecordingView.tsx'
import { bundledSource, fileSource } from './read-source.ts'
import { fetchRecordings, type RecordingCard } from './recordings.ts'
import { useRecording } from './use-recording.ts'

/** Recordings of real kernels: those that come with the app, and the reader's own. */
export default function TracesPlace() {
  const { store } = useHandles()
  const recording = useLab(s => s.recording)
  const list = useRecordings()
  const { reading, read, cancel } = useRecording()

  useEffect(() => {
    if (recording === null) cancel()
    else read(bundledSource(recording))
  }, [recording, read, cancel])

  const busy = list === null || reading.kind === 'reading'
  useEffect(() => store.getState().setReading(busy), [store, busy])

  const cards = list !== null && !('why' in list) ? list : []
  const own = (file: File) => {
    store.getState().setReading(true)
    if (recording !== null) store.getState().go('traces')
    // After the effect that closes the recording that was open.
    setTimeout(() => read(fileSource(file)))
  }
  const shown = reading.kind === 'read' ? reading.report : null
  return (
    <div className={shown === null ? 'traces' : 'traces has-recording'}>
      <div className="traces-left">
        <Intake
          reading={reading.kind === 'reading' ? reading : null}
          onFile={own}
          onCancel={() => {
            cancel()
            store.getState().go('traces')
          }}
        />
        {list !== null && 'why' in list && (
          <p role="alert">The list of recordings is not there: {list.why}. Your own can be opened all the same.</p>
        )}
        <RecordingList recordings={cards} current={recording} hrefOf={tracesHash} />
      </div>
      <div className="traces-right">
        {reading.kind === 'failed' && (
          <section className="broken" role="alert">
            <p>
              <b>{reading.name} could not be read:</b> {reading.why}.
            </p>
          </section>
        )}
        {shown === null ? (
          reading.kind !== 'failed' && <Introduction />
        ) : (
          <RecordingView key={shown.file} report={shown} notes={cards.find(c => c.file === shown.file)?.notes ?? ''} />
        )}
      </div>
    </div>
  )
}

function Introduction() {
  return (
    <section className="file-facts">
      <h2>What real kernels did</h2>
      <p>
        Each recording was made with ftrace while a small program changed its address space and a notifier looked at the
        page table in every callback. Open one to see its phases beside those of the model, and what was measured at the
        moment of each callback.
      </p>
    </section>
  )
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
