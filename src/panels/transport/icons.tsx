export type Icon = 'first' | 'prev' | 'play' | 'pause' | 'next' | 'last'

const paths: Readonly<Record<Icon, string>> = {
  first: 'M3 3h2v10H3zM13 3v10L6 8z',
  prev: 'M12 3v10L4 8z',
  play: 'M4 2.5v11L13 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  next: 'M4 3v10l8-5z',
  last: 'M11 3h2v10h-2zM3 3v10l7-5z',
}

export function TransportIcon({ icon }: { readonly icon: Icon }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[icon]} fill="currentColor" />
    </svg>
  )
}
