import { countOf, percentOf, type Written } from './weights.ts'

/** `3.82 %` */
export const Percent = ({ share }: { readonly share: number }) => <WrittenNumber unit=" %" {...percentOf(share)} />

interface RunsProps {
  /** Base-2 logarithm of their number. */
  readonly log2: number
  readonly count: (n: number) => string
}

/** `1.36 × 10⁹` */
export const Runs = ({ log2, count }: RunsProps) => <WrittenNumber unit="" {...countOf(log2, count)} />

function WrittenNumber({ digits, power, unit }: Written & { readonly unit: string }) {
  if (power === null)
    return (
      <span className="nowrap">
        {digits}
        {unit}
      </span>
    )
  return (
    <span className="nowrap">
      <span aria-hidden="true">
        {digits} × 10<sup>{power < 0 ? `−${-power}` : power}</sup>
      </span>
      <span className="unseen">
        {digits} times 10 to the power of {power}
      </span>
      {unit}
    </span>
  )
}
