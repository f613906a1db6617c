import { useLab } from '../lab-context.ts'
import { bugsHash, editHash, exploreHash, labHash, patchHash, tracesHash } from '../route.ts'

/** The places of the app, as plain links: they can be opened in another tab. */
export function Places() {
  const place = useLab(s => s.place)
  const link = useLab(s => s.snapshot?.link ?? null)
  const patch = useLab(s => s.patch)
  const places = [
    { id: 'lab', name: 'Lab', href: labHash(link) },
    { id: 'patch', name: 'Patch', href: patchHash(patch) },
    { id: 'explore', name: 'Explore', href: exploreHash(link) },
    { id: 'traces', name: 'Traces', href: tracesHash(null) },
    { id: 'bugs', name: 'Bugs', href: bugsHash(null) },
    { id: 'edit', name: 'Edit', href: editHash(null) },
  ] as const
  return (
    <nav className="places" aria-label="Places">
      {places.map(p => (
        <a key={p.id} href={p.href} aria-current={p.id === place ? 'page' : undefined}>
          {p.name}
        </a>
      ))}
    </nav>
  )
}
