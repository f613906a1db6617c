import { CompareView } from './CompareView.tsx'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { useLab } from './lab-context.ts'
import { Ribbon, Side, Stage, Timeline, Transport } from './panel-list.tsx'
import './lab-place.css'

/** The lab: ribbon, stage and side panel, timeline, transport. Nothing moves when their contents change. */
export function LabPlace() {
  const ready = useLab(s => s.snapshot !== null)
  const comparing = useLab(s => s.comparing !== null)
  const snapshot = useLab(s => s.snapshot)
  if (!ready) return <Loading />
  return (
    <div className="lab">
      <ErrorBoundary what="The phase ribbon" retryOn={snapshot}>
        <Ribbon />
      </ErrorBoundary>
      <div className={comparing ? 'lab-middle is-comparing' : 'lab-middle'}>
        <ErrorBoundary what="The stage" retryOn={snapshot}>
          {comparing ? <CompareView /> : <Stage />}
        </ErrorBoundary>
        {!comparing && (
          <ErrorBoundary what="The side panel" retryOn={snapshot}>
            <Side />
          </ErrorBoundary>
        )}
      </div>
      <ErrorBoundary what="The timeline" retryOn={snapshot}>
        <Timeline />
      </ErrorBoundary>
      <Transport />
    </div>
  )
}

function Loading() {
  const failed = useLab(s => s.failure !== null)
  return failed ? null : <p className="loading">Building the machine…</p>
}
