import { spanOf } from './versions.ts'

/** A bar along all releases, dark where the bug was. Hidden from readers who listen: the versions stand beside it in words. */
export function VersionBar({ from, until }: { readonly from: string | null; readonly until: string | null }) {
  const span = spanOf(from, until)
  const percent = (x: number): string => `${(100 * x).toFixed(2)}%`
  return (
    <span className="version-bar" aria-hidden="true">
      <span
        className={`version-span${span.openStart ? ' is-open-start' : ''}${span.openEnd ? ' is-open-end' : ''}`}
        style={{ left: percent(span.from), width: percent(span.to - span.from) }}
      />
    </span>
  )
}
