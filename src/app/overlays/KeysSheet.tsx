import { Dialog } from '../Dialog.tsx'
import { Icon, type IconName } from '../icons.tsx'
import { KEY_SHEET } from '../keys.ts'
import { useHandles } from '../lab-context.ts'

/** The keys, and the way to what the model leaves out. */
export function KeysSheet() {
  const { store } = useHandles()
  return (
    <Dialog name="keys" title="Keys">
      {KEY_SHEET.map(({ where, rows }) => (
        <section key={where}>
          <h3 className="key-where">{where}</h3>
          <dl className="key-sheet">
            {rows.map(row => (
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
        </section>
      ))}
      <p>
        <button type="button" onClick={() => store.getState().show('left-out')}>
          What this model leaves out
        </button>
      </p>
    </Dialog>
  )
}

const ARROWS: Readonly<Record<string, { icon: IconName; words: string } | undefined>> = {
  '←': { icon: 'left', words: 'Left arrow' },
  '→': { icon: 'right', words: 'Right arrow' },
  '↑': { icon: 'up', words: 'Up arrow' },
  '↓': { icon: 'down', words: 'Down arrow' },
}

/** One key, an arrow drawn as one. */
function Key({ name }: { readonly name: string }) {
  if (name === '…') return <span>to</span>
  const arrow = ARROWS[name.slice(-1)]
  return (
    <kbd>
      {arrow === undefined ? name : name.slice(0, -1)}
      {arrow !== undefined && (
        <>
          <Icon name={arrow.icon} />
          <span className="unseen">{arrow.words}</span>
        </>
      )}
    </kbd>
  )
}
