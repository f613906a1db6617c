/**
 * Gives the keyboard back to the page: the keys of the lab work from here. A dialog that led to a choice, or a control
 * that was clicked, must not keep the focus, or Space would open it again instead of playing.
 */
export function focusMain(): void {
  const main = document.querySelector('main')
  if (main === null) return
  main.tabIndex = -1
  main.focus({ preventScroll: true })
}

/** Whether the keyboard led to what has the focus: who came by keys wants to go on from there. */
export function cameByKeys(): boolean {
  const active = document.activeElement
  return active !== null && active !== document.body && active.tagName !== 'MAIN' && active.matches(':focus-visible')
}

/**
 * A control of the header that was clicked lets go of the focus. One reached by keys keeps it. Answers how to stop.
 */
export function letGoAfterClicks(document: Document): () => void {
  let pointing = false
  const onPointer = () => {
    pointing = true
  }
  const onKey = () => {
    pointing = false
  }
  const onClick = (event: Event) => {
    if (pointing && event.target instanceof Element && event.target.closest('.header') !== null) focusMain()
  }
  document.addEventListener('pointerdown', onPointer, true)
  document.addEventListener('keydown', onKey, true)
  document.addEventListener('click', onClick)
  return () => {
    document.removeEventListener('pointerdown', onPointer, true)
    document.removeEventListener('keydown', onKey, true)
    document.removeEventListener('click', onClick)
  }
}
