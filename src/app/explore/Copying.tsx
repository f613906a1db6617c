import type { Copied } from './use-copy.ts'

/** What came of copying something. */
export function Copying({ copied }: { readonly copied: Copied }) {
  return (
    <div className="copying">
      <p role="status">{copied.said}</p>
      {copied.text !== null && (
        <textarea
          readOnly
          rows={8}
          aria-label="Text to copy"
          value={copied.text}
          onFocus={event => event.target.select()}
        />
      )}
    </div>
  )
}
