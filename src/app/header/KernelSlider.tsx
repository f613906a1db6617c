import { useHandles, useLab } from '../lab-context.ts'

/** The eras side by side, oldest first: one radio group, so arrows walk through history. The schedule is followed in each. */
export function KernelSlider() {
  const { store } = useHandles()
  const kernels = useLab(s => s.catalogue?.kernels ?? null)
  const current = useLab(s => s.run?.settings.kernel ?? null)
  if (kernels === null) return null

  const choose = (kernel: string) => {
    const { change, setPlaying } = store.getState()
    setPlaying(false)
    void change({ kernel })
  }
  return (
    <fieldset className="kernels">
      <legend className="unseen">Kernel</legend>
      {kernels.map(k => (
        <label key={k.id} title={k.what} className={k.id === current ? 'kernel is-current' : 'kernel'}>
          <input
            type="radio"
            className="unseen"
            name="kernel"
            value={k.id}
            checked={k.id === current}
            onChange={() => choose(k.id)}
          />
          {k.label}
        </label>
      ))}
    </fieldset>
  )
}
