import { useEffect } from 'react'
import type { Settings } from '../core/runs/settings.ts'
import { ComparePanel } from '../panels/compare/ComparePanel.tsx'
import { useHandles, useLab } from './lab-context.ts'

/** Asks for the comparison whenever the run or the other kernel changes, and shows it. */
export function CompareView() {
  const { store } = useHandles()
  const comparing = useLab(s => s.comparing)
  const comparison = useLab(s => s.comparison)
  const catalogue = useLab(s => s.catalogue)
  const run = useLab(s => s.run)
  const film = useLab(s => s.film)
  const at = useLab(s => s.snapshot?.at ?? 0)

  // The film is another array exactly when the schedule is another one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: run and film stand for what the worker compares
  useEffect(() => {
    if (comparing !== null) void store.getState().compare(comparing)
  }, [store, comparing, run, film])

  if (comparing === null || catalogue === null || run === null) return null
  const { seek, setComparing, open } = store.getState()
  const current = comparison?.settings.kernel === comparing.kernel ? comparison : null
  const openOther = () => {
    setComparing(null)
    if (current !== null) void open(current.link)
  }
  return (
    <ComparePanel
      comparison={current}
      here={catalogue.kernels.find(k => k.id === run.settings.kernel)?.label ?? run.settings.kernel}
      hereRibbon={run.ribbon}
      thereRibbon={current?.ribbon ?? null}
      kernels={catalogue.kernels.filter(k => k.id !== run.settings.kernel || k.id === comparing.kernel)}
      kernel={comparing.kernel}
      at={at}
      onKernel={kernel => setComparing({ ...comparing, kernel: kernel as Settings['kernel'] })}
      onSeek={to => void seek(to)}
      onOpenOther={openOther}
      onClose={() => setComparing(null)}
    />
  )
}
