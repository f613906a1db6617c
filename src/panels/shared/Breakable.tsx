import { Fragment } from 'react'

/** Long names of the kernel may be cut after their underscores. */
export function Breakable({ text }: { readonly text: string }) {
  return text.split(/(?<=_)/).map((piece, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, in order
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {piece}
    </Fragment>
  ))
}
