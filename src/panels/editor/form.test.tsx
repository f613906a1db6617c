import { toJsonSchema } from '@valibot/to-json-schema'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { Field, MemberField } from '../../core/base/form.ts'
import type { Problem } from '../../core/base/problem.ts'
import { formOf } from '../../worker/scenario-form.ts'
import { scenarioSchema } from '../../worker/scenario-schema.ts'
import { FormPanel } from './FormPanel.tsx'
import type { FormState } from './form-context.ts'

const form = formOf(scenarioSchema)
const nothing = () => undefined

function draw(whole: unknown, problems: ReadonlyMap<string, readonly Problem[]> = new Map(), of = form): string {
  const state: FormState = {
    ...{ whole, problems, notes: new Map(), words: new Map(), say: nothing },
    ...{ put: nothing, remove: nothing, insert: nothing, move: nothing, rename: nothing },
  }
  return renderToStaticMarkup(<FormPanel form={of} state={state} locked={false} onVisit={nothing} />)
}

const pattern = (at: string) => at.replaceAll(/\[\d+\]/g, '[]')
const drawn = (html: string): string[] => [...html.matchAll(/data-at="([^"]*)"/g)].map(m => pattern(m[1] ?? ''))
const offered = (html: string): string[] =>
  [...html.matchAll(/data-adds="([^"]*)"/g)].flatMap(m => (m[1] ?? '').split(' ').map(pattern))

/** A value with everything in it that a field may hold, or with nothing that may be left out; `turn` chooses among kinds of value. */
function filled(field: Field, all: boolean, turn: number): unknown {
  const object = (members: readonly MemberField[], word?: readonly [string, string]) =>
    Object.fromEntries(
      members
        .filter(m => all || !m.optional)
        .map(m => [m.name, m.name === word?.[0] ? word[1] : filled(m.field, all, turn)]),
    )
  switch (field.kind) {
    case 'text':
      return 'x'
    case 'number':
      return field.least
    case 'flag':
      return true
    case 'choice':
      return field.words[0]
    case 'fixed':
      return field.value
    case 'list': {
      const { item } = field
      if (item.kind !== 'variant') return [filled(item, all, turn)]
      return item.shapes.flatMap(s => s.words.map(word => object(s.members, [item.key, word])))
    }
    case 'object':
      return object(field.members)
    case 'variant':
      return object(field.shapes[turn % field.shapes.length]?.members ?? [])
    case 'union':
      return filled(field.options[turn % field.options.length] ?? field, all, turn)
    case 'any':
      return null
  }
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** Every property of the published schema by its path, and whether it may be left out. Found without the form's help. */
function properties(schema: JsonSchema, at = ''): readonly (readonly [string, boolean])[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const here = at === '' ? name : `${at}.${name}`
    return [[here, schema.required?.includes(name) !== true] as const, ...properties(inner, here)]
  })
  const items = schema.items === undefined ? [] : properties(schema.items, `${at}[]`)
  return [...own, ...items, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(s => properties(s, at))]
}

describe('the form', () => {
  const TURNS = [0, 1, 2, 3]
  const known = properties(toJsonSchema(scenarioSchema, { errorMode: 'ignore' }) as JsonSchema)

  it('has a field for every property of the schema', () => {
    const fields = new Set(TURNS.flatMap(turn => drawn(draw(filled(form, true, turn)))))
    expect(known.length).toBeGreaterThan(40)
    expect(known.map(([at]) => at).filter(at => !fields.has(at))).toEqual([])
  })

  it('offers every property that may be left out', () => {
    const html = TURNS.map(turn => draw(filled(form, false, turn))).join('')
    // A tick that is not set yet is an offer as well.
    const ways = new Set([...offered(html), ...drawn(html)])
    const inside = (at: string) =>
      known.some(([other, optional]) => optional && (at.startsWith(`${other}.`) || at.startsWith(`${other}[].`)))
    const optional = known.filter(([at, may]) => may && !inside(at)).map(([at]) => at)
    expect(optional.length).toBeGreaterThan(10)
    expect(optional.filter(at => !ways.has(at))).toEqual([])
  })

  it('labels every control', () => {
    const html = draw(filled(form, true, 0))
    const labels = new Set([...html.matchAll(/for="([^"]+)"/g)].map(m => m[1]))
    const controls = [...html.matchAll(/<(?:input|select|textarea)[^>]*>/g)].map(m => m[0])
    expect(controls.length).toBeGreaterThan(40)
    const named = (control: string) => {
      const id = / id="([^"]+)"/.exec(control)?.[1]
      return control.includes('aria-label=') || labels.has(id)
    }
    expect(controls.filter(control => !named(control))).toEqual([])
  })

  it('shows a new property without being told of it', () => {
    if (form.kind !== 'object') throw new Error('a scenario is an object')
    const ats: MemberField = { name: 'ats', optional: true, field: { kind: 'flag', help: 'Whether devices cache.' } }
    const html = draw({}, new Map(), { ...form, members: [...form.members, ats] })
    expect(html).toContain('<h3>More</h3>')
    expect(html).toContain('Whether devices cache.')
  })

  it('shows what it does not know, what is missing and what is no value for the field, each with a way out', () => {
    const html = draw({ memory: { framez: 7, regions: 'none' }, batchSize: 'x' })
    expect(html).toContain('Call it “frames”')
    expect(html).toContain('Remove “framez”')
    expect(html).toContain('Add Devices')
    expect(html).toContain('Begin anew<span class="unseen">: Batch size</span>')
    expect(html).toContain('<code>&quot;none&quot;</code>')
  })

  it.each([[undefined], [null], [7], ['x'], [[]], [[[[]]]], [{ cpus: [null, [], { script: [7, {}, { do: [] }] }] }]])(
    'draws %j',
    value => {
      expect(draw(value)).toContain('<fieldset')
    },
  )

  it('says beside the field what is wrong with it', () => {
    const problem = { at: 'batchSize', message: '0 is too small', mend: 'Write 1 or more.' }
    const html = draw({ batchSize: 0 }, new Map([['batchSize', [problem]]]))
    expect(html).toMatch(/id="at-batchSize"[^>]*aria-invalid="true"/)
    expect(html).toContain('0 is too small. Write 1 or more.')
  })
})
