import { type ReactNode, useEffect, useId, useRef } from 'react'
import type { Overlay } from '../store/view.ts'
import { cameByKeys, focusMain } from './focus.ts'
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
 * A native modal dialog for one overlay of the store. The browser keeps the focus inside and closes on Escape; its contents
 * exist only while it is open. The browser would give the focus back to what opened it; that is right for those who came by
 * keys and chose nothing. Everybody else goes on with the lab.
 */
export function Dialog({ name, title, from = 'middle', children }: Props) {
  const { store } = useHandles()
  const open = useLab(s => s.overlay === name)
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const opened = useRef<{ readonly byKeys: boolean; readonly run: unknown }>({ byKeys: false, run: null })
  /** The store closed it: a choice was made in it. */
  const chosen = useRef(false)

  useEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    if (open && !dialog.open) {
      opened.current = { byKeys: cameByKeys(), run: store.getState().run }
      chosen.current = false
      dialog.showModal()
      // The browser would take the first button, which is Close.
      dialog.querySelector<HTMLElement>('[data-first-focus]')?.focus()
    }
    if (!open && dialog.open) {
      chosen.current = true
      dialog.close()
    }
  }, [open, store])

  const onClose = () => {
    const { overlay, run, show } = store.getState()
    if (overlay === name) show('none')
    if (chosen.current || !opened.current.byKeys || run !== opened.current.run) focusMain()
  }
  const close = () => ref.current?.close()

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it; the key for that is Escape
    <dialog
      ref={ref}
      className={`dialog dialog-${from} dialog-${name}`}
      aria-labelledby={heading}
      onClose={onClose}
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
