/** Signs drawn with the page: the fonts it ships have none of them. A word stands beside each, or is read in its place. */
const paths = {
  grip: 'M6 3h.01M10 3h.01M6 8h.01M10 8h.01M6 13h.01M10 13h.01',
  up: 'm4 10 4-4 4 4',
  down: 'm4 6 4 4 4-4',
  copy: 'M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3',
  remove: 'm4 4 8 8M12 4l-8 8',
  add: 'M8 3v10M3 8h10',
  warn: 'M8 2.500 14.500 13.500h-13zM8 7v3M8 11.900v.01',
  note: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 7.500v3.500M8 5v.01',
} as const

export function Sign({ name }: { readonly name: keyof typeof paths }) {
  return (
    <svg className={`sign sign-${name}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
