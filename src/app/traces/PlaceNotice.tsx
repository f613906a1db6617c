/** Something about the link that the reader must know. */
export function Notice({ text }: { readonly text: string }) {
  return (
    <p className="trace-notice" role="status">
      {text}
    </p>
  )
}
