import { useCallback, useState } from 'react'

export interface Copied {
  /** What came of it, for the reader. */
  readonly said: string
  /** The text itself, when the browser does not let the page copy. */
  readonly text: string | null
}

const NOTHING: Copied = { said: '', text: null }

/** Puts texts into the clipboard; where that is refused, hands them over to be copied by hand. */
export function useCopy() {
  const [copied, setCopied] = useState<Copied>(NOTHING)
  const copy = useCallback(async (what: string, make: string | Promise<string | null>) => {
    const text = await make
    if (text === null) {
      setCopied({ said: `${what} could not be made.`, text: null })
      return
    }
    try {
      await navigator.clipboard.writeText(text)
      setCopied({ said: `${what} is in your clipboard.`, text: null })
    } catch {
      setCopied({ said: 'This browser does not let the page copy. Copy it with your own key:', text })
    }
  }, [])
  const clear = useCallback(() => setCopied(NOTHING), [])
  return { copied, copy, clear }
}
