import { Icon } from '../icons.tsx'
import { useHandles, useLab } from '../lab-context.ts'

/** Says in short under which driver, architecture and switches the run stands; opens the list of all of them. */
export function SetupButton() {
  const { store } = useHandles()
  const run = useLab(s => s.run)
  if (run === null) return null
  const { driver, arch } = run.settings
  const changed = run.changed.length
  return (
    <button
      type="button"
      className={changed > 0 ? 'setup-button is-changed' : 'setup-button'}
      aria-haspopup="dialog"
      onClick={() => store.getState().show('setup')}
    >
      <span className="unseen">Switches: </span>
      <span>
        {driver} · {arch}
      </span>
      {changed > 0 && (
        <span className="setup-changed">
          {changed}
          <span className="unseen"> {changed === 1 ? 'switch differs' : 'switches differ'} from the preset</span>
        </span>
      )}
      <Icon name="down" />
    </button>
  )
}
