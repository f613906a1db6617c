/** A shape for each driver, around 0,0: none is told by colour alone. */
export function DriverShape({ driver }: { readonly driver: string }) {
  const className = `cost-shape driver-${driver}`
  if (driver === 'empty-table') return <rect x={-4} y={-4} width={8} height={8} className={className} />
  if (driver === 'naive') return <circle r={4} className={className} />
  return <path d="M0 -5.4L5.4 0L0 5.4L-5.4 0Z" className={className} />
}
