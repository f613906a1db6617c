import { THEMES } from '../../store/view.ts'
import { Icon } from '../icons.tsx'
import { useHandles, useLab } from '../lab-context.ts'

/** What can be done with the page as a whole. */
export function Tools() {
  const { store } = useHandles()
  const inLab = useLab(s => s.place === 'lab')
  const theme = useLab(s => s.theme)
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  const { show, setPresenting, setTheme } = store.getState()
  return (
    <div className="tools">
      {inLab && (
        <>
          <button
            type="button"
            className="quiet tool"
            title="Share"
            aria-haspopup="dialog"
            onClick={() => show('share')}
          >
            <Icon name="share" />
            <span className="tool-word">Share</span>
          </button>
          <button
            type="button"
            className="quiet tool present-button"
            title="Present"
            onClick={() => setPresenting(true)}
          >
            <Icon name="present" />
            <span className="tool-word">Present</span>
          </button>
        </>
      )}
      <button
        type="button"
        className="quiet icon-only"
        aria-label={`Theme: ${theme}. Change to ${nextTheme}`}
        title={`Theme: ${theme}`}
        onClick={() => setTheme(nextTheme)}
      >
        <Icon name={theme} />
      </button>
      <button
        type="button"
        className="quiet icon-only"
        aria-haspopup="dialog"
        aria-label="Keys, and what this model leaves out"
        title="Keys, and what this model leaves out"
        onClick={() => show('keys')}
      >
        <Icon name="question" />
      </button>
    </div>
  )
}
