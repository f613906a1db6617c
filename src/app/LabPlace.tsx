import { Caption } from './Caption.tsx'
import { CompareView } from './CompareView.tsx'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { useLab } from './lab-context.ts'
import { Ribbon, Side, Stage, Timeline, Transport } from './panel-list.tsx'
import { useMedia } from './use-media.ts'
import './lab-place.css'

/** The side panel lies below the stage: its sentence would be a screen away from what it speaks of. */
const STACKED = '(max-width: 799px)'

/**
 * The lab: ribbon, stage and side panel, timeline, transport. Nothing moves when their contents change. While presenting,
 * the stage has the room of side panel and timeline, and the step's sentence stands above it.
 * On a phone the sentence does so too. A comparison has both ribbons itself.
 */
export function LabPlace() {
  const ready = useLab(s => s.snapshot !== null)
  const comparing = useLab(s => s.comparing !== null)
  const snapshot = useLab(s => s.snapshot)
  const presenting = useLab(s => s.presenting)
  const stacked = useMedia(STACKED)
  if (!ready) return <Loading />
  return (
    <div className="lab">
      {!comparing && (
        <ErrorBoundary what="The phase ribbon" retryOn={snapshot}>
          <Ribbon />
        </ErrorBoundary>
      )}
      {presenting && <h1 className="unseen">MMU Notifier Lab</h1>}
      {(presenting || stacked) && !comparing && <Caption />}
      <div className={`lab-middle${comparing ? ' is-comparing' : ''}${presenting ? ' is-presenting' : ''}`}>
        <ErrorBoundary what="The stage" retryOn={snapshot}>
          {comparing ? <CompareView /> : <Stage />}
        </ErrorBoundary>
        {!comparing && !presenting && (
          <ErrorBoundary what="The side panel" retryOn={snapshot}>
            <Side />
          </ErrorBoundary>
        )}
      </div>
      {!presenting && (
        <ErrorBoundary what="The timeline" retryOn={snapshot}>
          <Timeline />
        </ErrorBoundary>
      )}
      <Transport />
    </div>
  )
}

function Loading() {
  const failed = useLab(s => s.failure !== null)
  return failed ? null : <p className="loading">Building the machine…</p>
}
