import type { FrameUse } from '../../core/view/world.ts'
import { Mark } from '../shared/Mark.tsx'
import { frameWords } from '../shared/words.ts'

const order: readonly FrameUse[] = ['mapped', 'unmapped', 'free', 'table', 'reused']

/** What the patterns mean. */
export function Legend() {
  return (
    <ul className="legend" aria-label="Legend">
      {order.map(use => (
        <li key={use}>
          <span className={`swatch use-${use}`}>
            <Mark kind={use} />
          </span>
          {frameWords[use]}
        </li>
      ))}
      <li>
        <span className="swatch use-invalidated">
          <Mark kind="invalidated" />
        </span>
        invalidated
      </li>
      <li>
        <span className="swatch swatch-changed" />
        changed in this step
      </li>
    </ul>
  )
}
