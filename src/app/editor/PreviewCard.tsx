import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { referencesIn } from '../../panels/editor/references.ts'
import type { Selection } from '../../panels/shared/selection.ts'
import { StagePanel } from '../../panels/stage/StagePanel.tsx'
import { ErrorBoundary } from '../ErrorBoundary.tsx'
import { useLab } from '../lab-context.ts'
import { useReducedMotion } from '../use-media.ts'
import { session } from './session.ts'

/** The machine before its first step, as the scenario is written now; or as it was when it could be built last. */
export function PreviewCard() {
  const preview = useStore(session, s => s.preview)
  const previewText = useStore(session, s => s.previewText)
  const text = useStore(session, s => s.history.text)
  const checkedText = useStore(session, s => s.checkedText)
  const [selected, setSelected] = useState<Selection | null>(null)
  const reducedMotion = useReducedMotion()
  // While the worker reads, the picture is at most a moment old.
  const stale = preview !== null && previewText !== text && checkedText === text
  return (
    <section className="editor-card preview-card" aria-labelledby="preview-title">
      <h2 id="preview-title">Before the first step</h2>
      <Summary />
      {stale && (
        <p className="preview-stale" role="status">
          <b>Last good preview.</b> The scenario has changed since and cannot be built as it stands.
        </p>
      )}
      {preview === null ? (
        <p className="preview-none muted">
          {checkedText === text ? 'There is nothing to show yet: mend what is listed beside the JSON.' : 'One moment…'}
        </p>
      ) : (
        <div className={stale ? 'preview-stage is-stale' : 'preview-stage'}>
          <ErrorBoundary what="The preview" retryOn={preview}>
            <StagePanel
              world={preview.world}
              before={null}
              events={NO_EVENTS}
              progress={1}
              reducedMotion={reducedMotion}
              selected={selected}
              onSelect={setSelected}
            />
          </ErrorBoundary>
        </div>
      )}
    </section>
  )
}

const NO_EVENTS: readonly never[] = []

/** `Linux 6.1 · 5 actors · 412 bytes a state · 7 references, all resolve`. */
function Summary() {
  const preview = useStore(session, s => s.preview)
  const fresh = useStore(session, s => s.previewText === s.history.text)
  const form = useStore(session, s => s.materials?.form ?? null)
  const whole = useStore(session, s => s.reading.value)
  const kernels = useLab(s => s.catalogue?.kernels)
  const references = useMemo(() => (form === null ? [] : referencesIn(form, whole)), [form, whole])
  const lost = references.filter(r => !r.resolves)
  const label = kernels?.find(k => k.id === preview?.kernel)?.label ?? preview?.kernel
  const count = references.length === 1 ? '1 reference' : `${references.length} references`
  return (
    <p className="preview-summary" data-summary="">
      {preview !== null && fresh && (
        <>
          <span>Linux {label}</span> ·{' '}
          <span title={preview.actors.join(', ')}>
            {preview.actors.length} {preview.actors.length === 1 ? 'actor' : 'actors'}
          </span>{' '}
          · <span>{preview.stateBytes} bytes a state</span> ·{' '}
        </>
      )}
      <span>
        {lost.length === 0
          ? `${count}, ${references.length === 1 ? 'it resolves' : 'all resolve'}`
          : `${lost.length} of ${count} ${lost.length === 1 ? 'does' : 'do'} not resolve: ${lost[0]?.at}`}
      </span>
    </p>
  )
}
