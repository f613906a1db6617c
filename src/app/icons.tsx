/** Signs drawn with the app: the fonts it ships have no arrows. Hidden from readers who listen; a word stands beside each. */
const paths = {
  left: 'M10 3 5 8l5 5',
  right: 'm6 3 5 5-5 5',
  down: 'm4 6 4 4 4-4',
  up: 'm4 10 4-4 4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  compare: 'M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3',
  share: 'M8 10V2M5 4.5 8 2l3 2.5M3 8v6h10V8',
  present: 'M2 3h12v8H2zM6 14h4',
  light:
    'M8 4.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  dark: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5',
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 2v12M8 6l4.5-2.5M8 10l5.5-3M8.5 13.5l4.5-3',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.200c-.8.4-1.1.9-1.1 1.800M8 12.800v.01',
  upload: 'M8 10V2M5 5l3-3 3 3M2 10v4h12v-4',
} as const

export type IconName = keyof typeof paths

/** A 16×16 line drawing in the colour of its text. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
