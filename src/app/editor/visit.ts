/** Who wants to be taken to a field, and who takes them there. */
const visitors = new Set<(at: string) => void>()

/** The problem list asks for a field, the form goes there. */
export const fieldToVisit = {
  go(at: string): void {
    for (const visitor of visitors) visitor(at)
  },
  subscribe(visitor: (at: string) => void): () => void {
    visitors.add(visitor)
    return () => void visitors.delete(visitor)
  },
}
