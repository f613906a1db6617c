import { Fragment } from 'react'
import type { KnockOut } from '../../../core/studies/knock-outs.ts'
import { Arrow } from '../../shared/Mark.tsx'
import { called, stackOf } from './words.ts'

/** A point in the code as a call stack: the callers in one line, then the function, large, and what it does there. */
export function Point({ knockOut }: { readonly knockOut: KnockOut }) {
  const { callers, fn } = stackOf(knockOut)
  const { how, what, file, phase } = knockOut
  return (
    <div className="why-point">
      {callers.length > 0 && (
        <p className="why-callers">
          {callers.map((name, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a path never changes its order
            <Fragment key={i}>
              <code>{name}</code> <Arrow />
              <span className="unseen"> calls </span>
            </Fragment>
          ))}
        </p>
      )}
      <p className="why-fn">
        {how.kind === 'op' ? <code>{called(fn)}</code> : <span>{fn}</span>}
        <span className="why-file">{how.kind === 'op' ? file : `switch ${how.id}`}</span>
      </p>
      <p className="why-what">
        {what}
        {phase !== null && <span className="why-file">phase {phase}</span>}
      </p>
    </div>
  )
}
