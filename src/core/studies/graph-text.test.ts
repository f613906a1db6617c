import { describe, expect, it } from 'vitest'
import { type Graph, graphOf } from '../explorer/graph.ts'
import { systemOf } from '../scenarios/exploration.ts'
import { app, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'
import { type GraphFormat, graphText } from './graph-text.ts'

const small = labOf(
  scenarioOf({
    cpus: [app({ do: 'munmap', region: 'buf' }), other({ do: 'allocate', as: 'data' })],
    // Written as somebody might who wants to break a file format.
    devices: [{ ...gpu({ do: 'write', page: 'buf[any]' }), name: 'G"P\\U é' }],
  }),
  { kernel: '3.18', driver: 'naive' },
)
const graph = (() => {
  const steps = graphOf(systemOf(small), { states: 100_000, bytes: 2 ** 30 })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value as Graph
  }
})()
const pieces = (format: GraphFormat): string[] => [...graphText(small, graph, format)]
const lines = (format: GraphFormat): string[] => pieces(format).join('').trimEnd().split('\n')

/** Moves as the graph has them: from, to, who. */
const moves = Array.from({ length: graph.states }, (_, from) => from).flatMap(from =>
  Array.from(graph.to.slice(graph.firstEdge[from], graph.firstEdge[from + 1]), (to, i) => ({
    from,
    to,
    actor: graph.actor[(graph.firstEdge[from] as number) + i] as number,
  })),
)

describe('the graph as an Aldebaran file', () => {
  const [head, ...rest] = lines('aut')

  it('announces as many moves and states as the search counts', () => {
    expect(head).toBe(`des (0, ${graph.edges}, ${graph.states})`)
    expect(rest).toHaveLength(graph.edges)
  })

  it('has every move, in order, between quotes that no label can end', () => {
    const read = rest.map(line => /^\((\d+), "([\x20-\x7e]*)", (\d+)\)$/.exec(line))
    expect(read.map(m => ({ from: Number(m?.[1]), to: Number(m?.[3]) }))).toEqual(
      moves.map(({ from, to }) => ({ from, to })),
    )
    expect(read.filter(m => /["\\]/.test(m?.[2] ?? '"'))).toEqual([])
  })

  it('says who moves, the kernel function and what it does', () => {
    expect(rest).toContainEqual(expect.stringContaining('"CPU 0: ptep_get_and_clear_full: clear the PTE of buf[0]"'))
    expect(rest).toContainEqual(expect.stringContaining(`"G'PU+005CU U+00E9: DMA: `))
  })
})

/** Reads back what was written: `name [attributes]` and `from -> to [attributes]`, attributes as Graphviz reads them. */
function readDot(text: readonly string[]) {
  const nodes = new Map<string, ReadonlyMap<string, string>>()
  const edges: { from: string; to: string; label: string }[] = []
  for (const line of text) {
    const [, from, to, list] = /^ {2}(s\d+)(?: -> (s\d+))? \[(.*)\]$/.exec(line) ?? []
    if (from === undefined || list === undefined) continue
    const attributes = new Map<string, string>()
    const rest = list.replace(/(\w+)=("(?:[^"\\]|\\["\\n])*"|[\w.-]+)(?:, |$)/g, (_, name: string, value: string) => {
      attributes.set(name, value.startsWith('"') ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value)
      return ''
    })
    expect(rest, line).toBe('')
    if (to === undefined) nodes.set(from, attributes)
    else edges.push({ from, to, label: attributes.get('label') ?? '' })
  }
  return { nodes, edges }
}

describe('the graph for Graphviz', () => {
  const text = lines('dot')
  const { nodes, edges } = readDot(text)

  it('is one digraph with every state and every move', () => {
    expect(text[0]).toBe('digraph "test" {')
    expect(text.at(-1)).toBe('}')
    expect(nodes.size).toBe(graph.states)
    expect(edges.map(({ from, to }) => ({ from, to }))).toEqual(
      moves.map(({ from, to }) => ({ from: `s${from}`, to: `s${to}` })),
    )
  })

  it('keeps names as they are, quotes and all', () => {
    const device = small.setup.cpus.length
    expect(edges[moves.findIndex(m => m.actor === device)]?.label).toMatch(/^G"P\\U é: DMA: /)
  })

  it('marks the states in which nobody has anything left to do', () => {
    const final = Array.from({ length: graph.states }, (_, s) => s).filter(
      s => graph.firstEdge[s] === graph.firstEdge[s + 1],
    )
    expect(final.length).toBeGreaterThan(0)
    expect([...nodes].filter(([, a]) => a.get('final') === 'true').map(([id]) => id)).toEqual(final.map(s => `s${s}`))
  })

  it('names the rules that are broken, and gives harm another shape', () => {
    const harmed = [...nodes.values()].filter(a => /\bI[12]\b/.test(a.get('broken') ?? ''))
    expect(harmed.length).toBeGreaterThan(0)
    expect(harmed.every(a => a.get('standing') === 'harm' && a.get('shape') === 'octagon')).toBe(true)
  })
})

it('comes in pieces of bounded size, the same each time', () => {
  for (const format of ['dot', 'aut'] as const) {
    const first = pieces(format)
    expect(first.length).toBeGreaterThan(1)
    expect(Math.max(...first.map(piece => piece.length))).toBeLessThan(2 ** 17)
    expect(pieces(format)).toEqual(first)
  }
})
