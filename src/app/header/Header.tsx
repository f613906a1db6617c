import { showsRun } from '../../store/view.ts'
import { useLab } from '../lab-context.ts'
import { CompareButton } from './CompareButton.tsx'
import { KernelSlider } from './KernelSlider.tsx'
import { Places } from './Places.tsx'
import { ScenarioButton } from './ScenarioButton.tsx'
import { SetupButton } from './SetupButton.tsx'
import { Tools } from './Tools.tsx'
import './header.css'

/** What is being watched, under which kernel, and where else one can go. */
export function Header() {
  const place = useLab(s => s.place)
  return (
    <header className="header">
      <h1 className="header-title">MMU Notifier Lab</h1>
      {showsRun(place) && (
        <div className="header-run">
          <ScenarioButton />
          <KernelSlider />
          <SetupButton />
          {place === 'lab' && <CompareButton />}
        </div>
      )}
      <Places />
      <Tools />
    </header>
  )
}
