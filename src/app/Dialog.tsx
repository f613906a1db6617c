import { type ReactNode, useEffect, useId, useRef } from 'react'
import type { Overlay } from '../store/view.ts'
import { Icon } from './icons.tsx'
import { useHandles, useLab } from './lab-context.ts'

interface Props {
  readonly name: Exclude<Overlay, 'none'>
  readonly title: string
  /** Where it opens: over the middle of the page, or down from the header. */
  readonly from?: 'middle' | 'header'
  readonly children: ReactNode
}

/**
 * A native modal dialog for one overlay of the store. The browser keeps the focus inside, closes on Escape and gives the
 * focus back; its contents exist only while it is open.
 */
export function Dialog({ name, title, from = 'middle', children }: Props) {
  const { store } = useHandles()
  const open = useLab(s => s.overlay === name)
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()

  useEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    if (open && !dialog.open) {
      dialog.showModal()
      // The browser would take the first button, which is Close.
      dialog.querySelector<HTMLElement>('[data-first-focus]')?.focus()
    }
    if (!open && dialog.open) dialog.close()
  }, [open])

  const close = () => {
    if (store.getState().overlay === name) store.getState().show('none')
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it; the key for that is Escape
    <dialog
      ref={ref}
      className={`dialog dialog-${from} dialog-${name}`}
      aria-labelledby={heading}
      onClose={close}
      onClick={event => {
        if (event.target === ref.current) close()
      }}
    >
      {open && (
        <div className="dialog-body">
          <header className="dialog-head">
            <h2 id={heading}>{title}</h2>
            <button type="button" className="quiet icon-only" onClick={close} aria-label="Close">
              <Icon name="close" />
            </button>
          </header>
          {children}
        </div>
      )}
    </dialog>
  )
}
