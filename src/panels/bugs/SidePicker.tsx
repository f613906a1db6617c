import { Mark } from '../shared/Mark.tsx'

export interface SideOption {
  readonly id: string
  readonly label: string
  /** Whether the run can be made there; null: that is what the search is for. */
  readonly possible: boolean | null
}

interface Props {
  readonly sides: readonly SideOption[]
  readonly kernels: readonly SideOption[]
  readonly current: string
  /** What must be known of these kernels besides, or ''. */
  readonly note: string
  onChoose(id: string): void
}

/** With the bug, without it, or any kernel as it is: one group, so that arrows walk through all of them. */
export function SidePicker({ sides, kernels, current, note, onChoose }: Props) {
  const option = (o: SideOption) => (
    <label key={o.id} className={o.id === current ? 'side is-current' : 'side'}>
      <input
        type="radio"
        className="unseen"
        name="bug-side"
        value={o.id}
        checked={o.id === current}
        onChange={() => onChoose(o.id)}
      />
      {o.possible !== null && <Mark kind={o.possible ? 'damage' : 'done'} />}
      {o.label}
      {o.possible !== null && (
        <span className="unseen">{o.possible ? ': the run can be made' : ': the run cannot be made'}</span>
      )}
    </label>
  )
  return (
    <fieldset className="sides">
      <legend className="unseen">With the bug, without it, or in a kernel</legend>
      <div className="side-row">{sides.map(option)}</div>
      <p className="side-title" id="kernels-as-they-are">
        Kernels as they are
      </p>
      <div className="side-row side-kernels">{kernels.map(option)}</div>
      <p className="side-key">
        <Mark kind="damage" /> the run can be made · <Mark kind="done" /> it cannot
      </p>
      {note !== '' && <p className="side-key">{note}</p>}
    </fieldset>
  )
}
