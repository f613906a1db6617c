import { Dialog } from '../Dialog.tsx'
import { Icon } from '../icons.tsx'
import { KEY_SHEET } from '../keys.ts'
import { useHandles } from '../lab-context.ts'

/** The keys, and the way to what the model leaves out. */
export function KeysSheet() {
  const { store } = useHandles()
  return (
    <Dialog name="keys" title="Keys">
      <dl className="key-sheet">
        {KEY_SHEET.map(row => (
          <div key={row.what}>
            <dt>
              {row.keys.map(key => (
                <Key key={key} name={key} />
              ))}
            </dt>
            <dd>{row.what}</dd>
          </div>
        ))}
      </dl>
      <p>
        <button type="button" onClick={() => store.getState().show('left-out')}>
          What this model leaves out
        </button>
      </p>
    </Dialog>
  )
}

/** One key, an arrow drawn as one. */
function Key({ name }: { readonly name: string }) {
  if (name === '…') return <span>to</span>
  const arrow = name.endsWith('←') ? 'left' : name.endsWith('→') ? 'right' : null
  return (
    <kbd>
      {arrow === null ? name : name.slice(0, -1)}
      {arrow !== null && (
        <>
          <Icon name={arrow} />
          <span className="unseen">{arrow === 'left' ? 'Left arrow' : 'Right arrow'}</span>
        </>
      )}
    </kbd>
  )
}
