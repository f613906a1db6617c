import type { FrameUse, PageState, RuleView } from '../../core/view/world.ts'

/** A shape for each meaning, so that none is told by colour alone. */
export type MarkKind = FrameUse | PageState | 'invalidated' | 'damage' | 'hole' | 'empty' | RuleView['verdict'] | 'done'

/** 12×12 sign, hidden from readers who listen: the word stands beside it. */
export function Mark({ kind }: { readonly kind: MarkKind }) {
  return (
    <svg className={`mark mark-${kind}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {shapes[kind]}
    </svg>
  )
}

const shapes: Readonly<Record<MarkKind, React.ReactNode>> = {
  mapped: <circle cx="6" cy="6" r="4" className="mark-solid" />,
  unmapped: <circle cx="6" cy="6" r="3.6" strokeDasharray="2.4 1.6" />,
  untouched: <circle cx="6" cy="6" r="1.2" className="mark-solid" />,
  freed: <path d="M2.5 6h7" />,
  free: <path d="M2.5 6h7" />,
  table: <path d="M2 2.5h8v7H2zM2 6h8M5 2.5v7" />,
  reused: <path d="M6 1.8 10.8 10H1.2zM6 5v2.2M6 8.6v.2" />,
  damage: <path d="m3 3 6 6M9 3 3 9" />,
  reserved: <rect x="3" y="3" width="6" height="6" className="mark-solid" />,
  invalidated: <path d="M2.5 6.5 5 9l4.5-6" />,
  done: <path d="M2.5 6.5 5 9l4.5-6" />,
  holds: <path d="M2.5 6.5 5 9l4.5-6" />,
  warning: <path d="M6 1.8 10.8 10H1.2zM6 5v2.2M6 8.6v.2" />,
  violated: <path d="m3 3 6 6M9 3 3 9" />,
  hole: <rect x="2" y="2" width="8" height="8" rx="1" strokeDasharray="2 1.6" />,
  empty: <circle cx="6" cy="6" r="3.8" strokeDasharray="0.6 2" strokeLinecap="round" />,
}

/** The fonts shipped with the app have no arrows: this is ours. */
export function Arrow() {
  return (
    <svg className="arrow" viewBox="0 0 14 8" width="14" height="8" aria-hidden="true">
      <path d="M0 4h11M8 1l3.5 3L8 7" />
    </svg>
  )
}
