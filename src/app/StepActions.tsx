import { useHandles, useLab } from './lab-context.ts'
import { labHash } from './route.ts'
import { otherSettings, runCommand } from './run-command.ts'

/** What can be done from this step: at the start the moments worth seeing, later the same schedule on another kernel. */
export function StepActions() {
  const atStart = useLab(s => s.snapshot?.at === 0)
  return atStart ? <Moments /> : <Elsewhere />
}

function Moments() {
  const scenario = useLab(s => s.run?.scenario ?? null)
  if (scenario === null) return null
  return (
    <div className="step-actions">
      {scenario.lookFor !== '' && (
        <p>
          <b>Look for:</b> {scenario.lookFor}
        </p>
      )}
      {scenario.breaks.length > 0 && (
        <>
          <h3>Moments to open</h3>
          <ul>
            {scenario.breaks.map(moment => (
              <li key={moment.what}>
                <a href={labHash(moment.link)}>{moment.what}</a>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Elsewhere() {
  const { store } = useHandles()
  const broken = useLab(s => s.snapshot?.world.rules.some(r => r.verdict !== 'holds') ?? false)
  const kernel = useLab(s => otherSettings(s)?.kernel ?? null)
  const label = useLab(s => s.catalogue?.kernels.find(k => k.id === kernel)?.label ?? kernel)
  if (!broken || kernel === null) return null
  const replay = () => {
    void store.getState().change({ kernel })
  }
  return (
    <p className="step-actions">
      <button type="button" onClick={replay}>
        Replay this schedule on {label}
      </button>
      <button type="button" onClick={() => runCommand(store, { do: 'compare' })}>
        Compare
      </button>
    </p>
  )
}
