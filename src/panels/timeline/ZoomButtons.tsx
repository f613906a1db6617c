interface Props {
  /** The reader has chosen what is shown; there is something to undo. */
  readonly zoomed: boolean
  onZoom(factor: number): void
  onReset(): void
}

const FACTOR = 1.6

/** Closer, further, and back to the usual view, for those without a wheel. */
export function ZoomButtons({ zoomed, onZoom, onReset }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div className="zoom-buttons" role="group" aria-label="Zoom of the timeline">
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out ( [ on the timeline )"
        onClick={() => onZoom(1 / FACTOR)}
      >
        <Sign d="M2.5 6h7" />
      </button>
      <button type="button" aria-label="Zoom in" title="Zoom in ( ] on the timeline )" onClick={() => onZoom(FACTOR)}>
        <Sign d="M2.5 6h7M6 2.500v7" />
      </button>
      <button
        type="button"
        aria-label="Usual view"
        title="Usual view ( 0 on the timeline )"
        aria-disabled={!zoomed}
        onClick={onReset}
      >
        <Sign d="M1.5 4V1.500H4M8 1.500h2.500V4M10.5 8v2.500H8M4 10.500H1.500V8" />
      </button>
    </div>
  )
}

const Sign = ({ d }: { readonly d: string }) => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    <path d={d} />
  </svg>
)
