import { readFileSync } from 'node:fs'
import { toJsonSchema } from '@valibot/to-json-schema'
import fc from 'fast-check'
import type { InferOutput } from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { problemLine } from '../core/base/problem.ts'
import { copyOf } from '../core/machine/cells.ts'
import { presetOf } from '../core/policy/presets.ts'
import { applySwitches } from '../core/policy/switches.ts'
import { ARCHS, DRIVER_KINDS, KERNEL_IDS } from '../core/runs/settings.ts'
import { buildLab } from '../core/scenarios/build.ts'
import { type CpuAction, LIMITS, type Scenario } from '../core/scenarios/scenario.ts'
import { SCENARIOS, scenarioById } from '../core/scenarios/scenario-list.ts'
import { jsonErrorIn } from './json-place.ts'
import { parseScenarioText } from './scenario-input.ts'
import { scenarioSchema } from './scenario-schema.ts'
import type { cpuAction } from './schema-actions.ts'
import { Dice, plausibly, scrambled, wildly } from './testing/scenario-mutations.ts'

/** What a reader is told about a text, one line a problem; nothing when it is a scenario. */
const complaints = (text: string): string[] => {
  const read = parseScenarioText(text)
  return read.ok ? [] : read.problems.map(problemLine)
}

/** The plain munmap scenario with other values in some places; undefined takes the place out. */
function changed(places: Readonly<Record<string, unknown>>): string {
  const scenario = structuredClone(scenarioById('munmap-plain')) as object
  for (const [path, value] of Object.entries(places)) {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    const holder = keys.reduce((at, key) => Reflect.get(at, key), scenario)
    if (value === undefined) Reflect.deleteProperty(holder, last)
    else Reflect.set(holder, last, value)
  }
  return JSON.stringify(scenario)
}

describe('a scenario file', () => {
  it.each(SCENARIOS.map(s => [s.id, s] as const))('%s, as shipped, is read as it stands', (_, scenario) => {
    expect(parseScenarioText(JSON.stringify(scenario))).toEqual({ ok: true, value: scenario })
  })

  it('may name its schema, and may begin with a byte order mark', () => {
    const text = changed({ $schema: '../scenario.schema.json' })
    expect(parseScenarioText(`\ufeff${text}`)).toEqual({ ok: true, value: scenarioById('munmap-plain') })
  })

  it('can be the example of the documentation', () => {
    const text = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8')
    expect(complaints(/```json\n(.*?)```/s.exec(text)?.[1] ?? '')).toEqual([])
  })

  it('has a published schema that says the same', async () => {
    const schema = toJsonSchema(scenarioSchema, { errorMode: 'throw' })
    await expect(`${printJson(schema)}\n`).toMatchFileSnapshot('../../public/scenario.schema.json')
    expect(undescribed(schema as JsonSchema)).toEqual([])
  })
})

describe('the schema', () => {
  it('has a shape for every action: this test does not compile without', () => {
    expectTypeOf<InferOutput<typeof cpuAction>['do']>().toEqualTypeOf<CpuAction['do']>()
  })
})

describe('a text that is not JSON', () => {
  it.each([
    ['', 'line 1, column 1: this is not JSON: the text ends too early. Write a JSON object.'],
    ['{\n  "a": 1,\n}', 'line 3, column 1: this is not JSON: unexpected “}”. Remove the comma before it.'],
    [
      '{"a": 1 "b"}',
      'line 1, column 9: this is not JSON: unexpected “"”. Write a comma before it, or close the { first.',
    ],
    ["{'a': 1}", "line 1, column 2: this is not JSON: unexpected “'”. Write a name in double quotes."],
    ['{"a": NaN}', 'line 1, column 7: this is not JSON: unexpected “NaN”.'],
    ['{} // no', 'line 1, column 4: this is not JSON: unexpected “/”. Remove what comes after the end of the object.'],
    ['{"a": "b\n"}', 'line 1, column 9: this is not JSON: this string is not right.'],
  ])('%j: says where', (text, line) => {
    expect(complaints(text)).toEqual([expect.stringContaining(line)])
  })

  it('may be nested as deep as it likes', () => {
    expect(complaints('['.repeat(200_000))).toEqual([expect.stringMatching('^line 1, column 200001: ')])
    expect(complaints('['.repeat(100_000) + ']'.repeat(100_000))).toEqual([expect.stringMatching('^scenario: ')])
  })

  it('is not read at all when it is too long, counted in bytes', () => {
    const long = ['scenario: the text is too long. Make it smaller than 256 KiB.']
    expect(complaints('['.repeat(LIMITS.jsonBytes + 1))).toEqual(long)
    expect(complaints(`"${'é'.repeat(LIMITS.jsonBytes / 2)}"`)).toEqual(long)
  })
})

describe('a file of the wrong shape', () => {
  it('is told everything at once, in the words of the file', () => {
    const text = changed({
      'memory.framez': 14,
      'memory.frames': undefined,
      devices: undefined,
      'memory.regions.0.present': [0, -1, 'x'],
      'memory.regions.1.kind': 'annon',
      'cpus.1.script.0.page': 7,
      'cpus.1.script.1': { do: 'wirte', page: 'buf[0]' },
      'cpus.1.script.2': 'exit',
      'cpus.1.script.3': {},
      switches: { drainWalks: false, tableFree: 'never' },
      iommu: [],
      batchSize: 1.5,
    })
    expect(complaints(text)).toEqual([
      'memory.framez: there is no such name here. Did you mean "frames"?',
      'cpus[1].script[2]: this is not an object. Write names and values in braces: { }.',
      'cpus[1].script[3]: “do” is missing. Add "do".',
      'scenario: “devices” is missing. Add "devices": Devices that share the page table of the app. None: there is no IOMMU either.',
      'iommu: this is not an object. Write names and values in braces: { }.',
      'switches.drainWalks: there is no such name here. Did you mean "drainsWalks"?',
      'memory.regions[0].present[1]: -1 is too small. Write 0 or more.',
      'memory.regions[0].present[2]: "x" is not a number. Write a number, without quotes.',
      'memory.regions[1].kind: "annon" is not one of the choices. Did you mean "anon"?',
      'cpus[1].script[0].page: 7 is not text. Write it in double quotes.',
      'cpus[1].script[1].do: "wirte" is not one of the choices. Did you mean "write"?',
      'batchSize: 1.5 is not a whole number. Write one without a fraction.',
      'switches.tableFree: "never" is not one of the choices. Write "with-pages", "rcu".',
    ])
  })

  it('is told twenty things at most', () => {
    expect(complaints(changed({ bugs: Array.from({ length: 5000 }, () => 0) }))).toHaveLength(20)
  })

  it.each(['__proto__', 'constructor', 'toString'])('cannot smuggle in the name %s', name => {
    const text = changed({}).replace('"format"', `"${name}":{"frames":1},"format"`)
    expect(complaints(text)).toEqual([expect.stringMatching(`^${name}: there is no such name here`)])
    expect(({} as { frames?: number }).frames).toBeUndefined()
  })

  it('names the file it stands in', () => {
    expect(parseScenarioText('7', 'mine.json')).toMatchObject({ problems: [{ at: 'mine.json: scenario' }] })
  })
})

describe('whatever the file holds', () => {
  it('reading never throws, and says what is wrong and where', () => {
    const texts = SCENARIOS.map(s => JSON.stringify(s, null, 1))
    let readable = 0
    fc.assert(
      fc.property(fc.integer(), seed => {
        const dice = new Dice(seed)
        const which = dice.below(SCENARIOS.length)
        const broken = JSON.stringify(wildly(SCENARIOS[which] as Scenario, dice))
        const text = dice.below(3) === 0 ? scrambled(texts[which] as string, dice) : broken
        const read = parseScenarioText(text)
        if (read.ok) readable++
        else if (read.problems.length === 0 || read.problems.length > 20 || read.problems.some(p => p.at === ''))
          throw new Error('no problem that helps')
      }),
      { numRuns: 15_000 },
    )
    expect(readable).toBeGreaterThan(240)
  }, 120_000)

  it('a syntax error is found exactly where there is one', () => {
    const texts = SCENARIOS.map(s => JSON.stringify(s, null, 1))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer().map(seed => scrambled(texts[seed & 3] ?? '', new Dice(seed))),
          fc.string(),
        ),
        text => {
          let sound = true
          try {
            JSON.parse(text)
          } catch {
            sound = false
          }
          expect(jsonErrorIn(text) === null).toBe(sound)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('what passes can be built and run under any preset', () => {
    let passed = 0
    fc.assert(
      fc.property(fc.integer(), seed => {
        const dice = new Dice(seed)
        const read = parseScenarioText(JSON.stringify(plausibly(dice.of(SCENARIOS), dice)))
        if (!read.ok) return
        passed++
        for (let i = 0; i < 2; i++) runAround(read.value, dice)
      }),
      { numRuns: 500 },
    )
    expect(passed).toBeGreaterThan(250)
  }, 120_000)
})

/** Builds the scenario for some kernel and lets actors move as chance has it. */
function runAround(scenario: Scenario, dice: Dice): void {
  const preset = presetOf(dice.of(KERNEL_IDS), dice.of(ARCHS), dice.of(DRIVER_KINDS))
  const { actors, initial } = buildLab(scenario, applySwitches(preset, scenario.switches))
  const m = copyOf(initial)
  for (let step = 0; step < 50; step++) {
    const ready = actors.filter(actor => actor.ready(m) > 0)
    if (ready.length === 0) return
    const actor = dice.of(ready)
    const alternative = dice.below(actor.ready(m))
    actor.op(m, alternative)
    actor.step(m, alternative, () => {})
  }
}

/** Paths of properties without a description. */
function undescribed(schema: JsonSchema, path = ''): string[] {
  const parts = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    ...(inner.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(inner, `${path}.${name}`),
  ])
  const inner = [
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ]
  return [...parts, ...inner.flatMap(x => undescribed(x, `${path}[]`))]
}

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** JSON as the formatter of this repository lays it out: on one line what fits. */
function printJson(value: unknown, indent = '', before = 0): string {
  const flat = JSON.stringify(value, null, 1)
    .replaceAll(/\n */g, ' ')
    .replaceAll(/\[ | \]/g, x => x.trim())
  if (typeof value !== 'object' || value === null || indent.length + before + flat.length <= 119) return flat
  const deeper = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Object.entries(value).map(([name, inner]) => {
    const label = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `
    return `${deeper}${label}${printJson(inner, deeper, label.length)}`
  })
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}
