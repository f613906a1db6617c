import { Icon } from '../icons.tsx'
import { useHandles, useLab } from '../lab-context.ts'
import { otherSettings, runCommand } from '../run-command.ts'

/** Opens and closes the comparison with another kernel; names the one it will start with. */
export function CompareButton() {
  const { store } = useHandles()
  const open = useLab(s => s.comparing !== null)
  const other = useLab(s => {
    const kernel = otherSettings(s)?.kernel
    return s.catalogue?.kernels.find(k => k.id === kernel)?.label ?? null
  })
  if (other === null) return null
  return (
    <button
      type="button"
      className="quiet compare-button"
      aria-pressed={open}
      aria-keyshortcuts="c"
      onClick={() => runCommand(store, { do: 'compare' })}
    >
      <Icon name="compare" />
      {open ? (
        'Close comparison'
      ) : (
        <span>
          Compare<span className="compare-with"> with {other}</span>
        </span>
      )}
    </button>
  )
}
