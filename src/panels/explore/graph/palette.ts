import { type RefObject, useEffect, useState } from 'react'
import { STANDINGS } from '../../../core/studies/state-facts.ts'

/** Colours and font of the theme, as a canvas wants them. */
export interface Palette {
  /** By place in STANDINGS. */
  readonly standings: readonly { readonly fill: string; readonly line: string }[]
  readonly ink: string
  readonly muted: string
  /** Moves, and those that are few. */
  readonly line: string
  readonly faint: string
  readonly accent: string
  readonly warn: string
  /** What it is drawn on, and every second row of it. */
  readonly ground: string
  readonly stripe: string
  readonly font: string
}

/**
 * The theme as it is now: graph.css gives `data-ink` elements inside `ref` their colours, and a canvas takes them from there. Read
 * anew when the theme, the scheme or forced colours change.
 */
export function usePalette(ref: RefObject<HTMLElement | null>): Palette | null {
  const [palette, setPalette] = useState<Palette | null>(null)
  useEffect(() => {
    const read = () => setPalette(ref.current === null ? null : paletteOf(ref.current))
    read()
    const theme = new MutationObserver(read)
    theme.observe(document.documentElement, { attributes: true })
    const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'].map(
      matchMedia,
    )
    for (const query of queries) query.addEventListener('change', read)
    return () => {
      theme.disconnect()
      for (const query of queries) query.removeEventListener('change', read)
    }
  }, [ref])
  return palette
}

/** Names of the inks that graph.css knows. */
export const INKS = [...STANDINGS, 'ink', 'muted', 'line', 'faint', 'accent', 'warn', 'ground'] as const

function paletteOf(root: HTMLElement): Palette {
  const styleOf = (ink: (typeof INKS)[number]) => {
    const element = root.querySelector(`[data-ink=${ink}]`)
    return element === null ? undefined : getComputedStyle(element)
  }
  const colour = (ink: (typeof INKS)[number]) => styleOf(ink)?.color ?? 'gray'
  return {
    standings: STANDINGS.map(s => ({ fill: styleOf(s)?.backgroundColor ?? 'gray', line: colour(s) })),
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    faint: colour('faint'),
    accent: colour('accent'),
    warn: colour('warn'),
    ground: colour('ground'),
    stripe: styleOf('ground')?.backgroundColor ?? 'gray',
    font: styleOf('ink')?.font ?? '12px sans-serif',
  }
}
