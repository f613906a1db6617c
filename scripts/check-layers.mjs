// @ts-check
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Guards the guard. The layers are kept by rules in biome.json and by the tsconfig projects; a pattern with a typo in it
 * would let everything through without a word. So this plants one violation per rule in an empty copy of the project
 * and demands that each is caught, and plants what is allowed and demands that it is not.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))

const SRC = ['core', 'worker', 'store', 'panels', 'app']
const CORE = [
  ['base', 'machine', 'threads', 'kernel', 'device', 'explorer', 'scenarios', 'runs', 'trace', 'view'],
  ['policy', 'consumers', 'studies', 'bugs', 'conformance', 'testing', 'fixtures'],
].flat()

const IMPORTS = 'lint/style/noRestrictedImports'
const GLOBALS = 'lint/style/noRestrictedGlobals'

/** Where, what it must not import. Each pair becomes a file with that one import. @type {[string, string[]][]} */
const FORBIDDEN_IMPORTS = [
  ['src/core', ['react', 'd3', 'node:fs', '@scope/package', './worker/lab.ts', '../store/lab-store.ts']],
  ['src/core/base', ['../units.ts', '../machine/event.ts', '../kernel/munmap.ts', '../../panels/clock.ts', 'd3']],
  ['src/core/machine', inCore('kernel', 'device', 'scenarios', 'trace', 'runs', 'view', 'explorer')],
  ['src/core/machine/deep', ['../../kernel/munmap.ts', '../../../worker/lab-api.ts', 'zustand']],
  ['src/core/threads', inCore('scenarios', 'trace', 'runs', 'view', 'explorer')],
  ['src/core/kernel', [...inCore('scenarios', 'trace', 'runs', 'view', 'explorer'), '../../app/shell.tsx']],
  ['src/core/device', [...inCore('scenarios', 'trace', 'runs', 'view', 'explorer'), 'comlink']],
  ['src/core/consumers', [...inCore('scenarios', 'trace', 'runs', 'view', 'explorer'), 'd3']],
  [
    'src/core/explorer',
    ['../units.ts', ...inCore('machine', 'threads', 'kernel', 'device', 'scenarios', 'runs', 'view')],
  ],
  ['src/core/scenarios', [...inCore('trace', 'conformance'), '../../worker/lab.ts']],
  ['src/core/studies', [...inCore('trace', 'conformance'), '../../worker/lab.ts', 'd3']],
  ['src/core/bugs', [...inCore('trace', 'conformance'), '../../worker/lab.ts', 'valibot']],
  ['src/core/trace', [...inCore('kernel', 'device', 'scenarios', 'runs', 'explorer'), 'fflate']],
  ['src/core/runs', ['../../worker/lab-api.ts', '../../store/selectors.ts', 'valibot']],
  ['src/core/view', ['../../panels/shared/captions.ts', 'd3-scale']],
  ['src/core/conformance', ['../../app/shell.tsx', 'fast-check']],
  [
    'src/worker',
    ['../store/lab-store.ts', '../panels/tlb/layout.ts', '../app/shell.tsx', 'react', 'zustand', 'node:fs'],
  ],
  ['src/store', ['../worker/lab.ts', '../worker/lab.worker.ts', '../panels/tlb/layout.ts', '../app/shell.tsx', 'd3']],
  [
    'src/panels',
    ['../store/lab-store.ts', '../worker/lab-api.ts', '../app/shell.tsx', 'zustand', 'comlink', 'valibot'],
  ],
  ['src/panels/tlb', ['../../store/selectors.ts', '../../worker/lab-api.ts', '../../app/shell.tsx']],
  ['src/app', ['../../scripts/browser.mjs', '../../bench/core.ts']],
  ['scripts', ['../src/store/lab-store.ts', '../src/panels/a.ts', '../src/app/shell.tsx']],
  ['bench', ['../src/store/lab-store.ts', '../src/main.tsx']],
]

/** What the rules must leave alone. @type {[string, string[]][]} */
const ALLOWED_IMPORTS = [
  ['src/core/base', ['./brand.ts']],
  ['src/core/machine', ['../units.ts', './pte.ts', ...inCore('base')]],
  ['src/core/threads', ['../units.ts', ...inCore('base', 'machine')]],
  ['src/core/kernel', ['../units.ts', ...inCore('base', 'machine', 'threads', 'kernel')]],
  ['src/core/device', ['../units.ts', ...inCore('base', 'machine', 'threads', 'device')]],
  ['src/core/consumers', ['../units.ts', ...inCore('base', 'machine', 'threads', 'kernel', 'device')]],
  ['src/core/explorer', ['./search.ts', ...inCore('base')]],
  ['src/core/scenarios', ['../units.ts', ...inCore('base', 'machine', 'threads', 'kernel', 'device', 'explorer')]],
  ['src/core/studies', inCore('explorer', 'kernel', 'scenarios', 'runs', 'view')],
  ['src/core/bugs', inCore('explorer', 'policy', 'scenarios', 'runs', 'studies')],
  ['src/core/trace', ['../units.ts', ...inCore('base', 'machine')]],
  ['src/core/conformance', inCore('kernel', 'device', 'trace', 'scenarios', 'runs', 'view')],
  ['src/worker', ['comlink', '../core/units.ts', './lab-api.ts']],
  ['src/store', ['zustand', '../core/units.ts', '../worker/lab-api.ts']],
  ['src/panels/tlb', ['react', 'd3', '../../core/units.ts', '../shared/motion.ts', './layout.ts', './tlb.css']],
  ['src/app', ['react', 'zustand', '../core/units.ts', '../store/lab-store.ts', '../panels/tlb/TlbPanel.tsx']],
  ['scripts', ['node:fs', '../src/core/units.ts', '../src/worker/resolve.ts']],
  ['bench', ['node:fs', '../src/core/units.ts']],
]

/** Code in core, and the rule which must object to it. @type {[string, string][]} */
const FORBIDDEN_CODE = [
  ['export const now = Date.now()', GLOBALS],
  ['export const now = performance.now()', GLOBALS],
  ['setTimeout(() => {}, 1)', GLOBALS],
  ['export const title = document.title', GLOBALS],
  ['export const now = globalThis.Date.now()', GLOBALS],
  ['export const luck = Math.random()', 'plugin'],
  ['export const { random } = { random: Math.random }', 'plugin'],
]

/** Code in core which must not even compile. Each names something that core has no types for, or may not see. */
const MUST_NOT_COMPILE = [
  'export const title: string = document.title',
  'export const started: number = performance.now()',
  'setTimeout(() => {}, 1)',
  "export const home: unknown = process.env['HOME']",
  "export { panel } from '../panels/panel.ts'",
]

/** @param {...string} layers */
function inCore(...layers) {
  return layers.map(layer => `../${layer}/some-file.ts`)
}

const sandbox = mkdtempSync(join(tmpdir(), 'layers-'))
/** @type {string[]} */
const problems = []
/** What was planted, by file. @type {Map<string, string>} */
const planted = new Map()
let checked = 0
try {
  checkFolders()
  checkBiome()
  checkTypeScript()
} finally {
  rmSync(sandbox, { recursive: true, force: true })
}

for (const problem of problems) console.error(problem)
console.log(`layers: ${checked} planted files judged, ${problems.length} wrongly`)
process.exitCode = problems.length === 0 ? 0 : 1

/** A folder nobody has thought of is a folder without a rule. */
function checkFolders() {
  const unknown = [
    ...foldersIn('src').filter(name => !SRC.includes(name)),
    ...foldersIn('src/core').flatMap(name => (CORE.includes(name) ? [] : [`core/${name}`])),
  ]
  for (const name of unknown) {
    problems.push(
      `src/${name} belongs to no layer: give it a rule in biome.json and a line in scripts/check-layers.mjs`,
    )
  }
}

function checkBiome() {
  for (const file of ['biome.json', 'no-random.grit', 'package.json'])
    copyFileSync(join(ROOT, file), join(sandbox, file))

  /** What must be said about each file: a rule, or nothing about layers. @type {Map<string, string | undefined>} */
  const expected = new Map()
  for (const [folder, sources] of FORBIDDEN_IMPORTS) {
    for (const source of sources) expected.set(plant(folder, `export * from '${source}'`), IMPORTS)
  }
  // Types count too, and so do imports that wait until run time.
  expected.set(plant('src/core/machine', "export type { A } from '../kernel/a.ts'"), IMPORTS)
  expected.set(plant('src/core/machine', "export const later = () => import('../kernel/a.ts')"), IMPORTS)
  for (const [code, rule] of FORBIDDEN_CODE) expected.set(plant('src/core/kernel', code), rule)
  for (const [folder, sources] of ALLOWED_IMPORTS) {
    for (const source of sources) expected.set(plant(folder, `export * from '${source}'`), undefined)
  }

  // Two files that need each other.
  mkdirSync(join(sandbox, 'src/store'), { recursive: true })
  writeFileSync(
    join(sandbox, 'src/store/here.ts'),
    "import { there } from './there.ts'\nexport const here = () => there\n",
  )
  writeFileSync(
    join(sandbox, 'src/store/there.ts'),
    "import { here } from './here.ts'\nexport const there = () => here\n",
  )
  expected.set('src/store/here.ts', 'lint/suspicious/noImportCycles')

  const said = biome()
  for (const [file, rule] of expected) {
    checked += 1
    const rules = (said.get(file) ?? []).filter(name => [IMPORTS, GLOBALS, 'plugin', rule].includes(name))
    const judgedRightly = rule === undefined ? rules.length === 0 : rules.includes(rule)
    if (!judgedRightly) {
      problems.push(
        `${file}: expected ${rule ?? 'no objection'}, biome said ${rules.join(', ') || 'nothing'}\n    ${planted.get(file)}`,
      )
    }
  }
}

function checkTypeScript() {
  for (const file of ['tsconfig.base.json', 'tsconfig.core.json']) copyFileSync(join(ROOT, file), join(sandbox, file))
  rmSync(join(sandbox, 'src'), { recursive: true })
  mkdirSync(join(sandbox, 'src/panels'), { recursive: true })
  writeFileSync(join(sandbox, 'src/panels/panel.ts'), 'export const panel = 1\n')

  const files = MUST_NOT_COMPILE.map(code => plant('src/core', code))
  const { stdout } = tool('tsc', ['-p', 'tsconfig.core.json', '--pretty', 'false'])
  for (const file of files) {
    checked += 1
    if (!stdout.includes(`${file}(`)) problems.push(`tsconfig.core.json compiles ${planted.get(file)}`)
  }
}

/** Rules that fired, by file. @returns {Map<string, string[]>} */
function biome() {
  const { stdout, stderr } = tool('biome', ['lint', '--reporter=github', '--max-diagnostics=none'])
  /** @type {Map<string, string[]>} */
  const said = new Map()
  for (const [, rule = '', file = ''] of stdout.matchAll(/^::\w+ title=([^,]+),file=([^,]+),/gm)) {
    const path = file.replace(/^.*?\/(?=(?:src|scripts|bench)\/)/, '')
    said.set(path, [...(said.get(path) ?? []), rule])
  }
  if (said.size === 0) problems.push(`biome said nothing at all:\n${stderr}`)
  return said
}

/** @param {string} name @param {string[]} args */
function tool(name, args) {
  return spawnSync(join(ROOT, 'node_modules/.bin', name), args, { cwd: sandbox, encoding: 'utf8', maxBuffer: 1 << 26 })
}

/** Writes one file into the copy and returns its path there. @param {string} folder @param {string} code */
function plant(folder, code) {
  const file = `${folder}/planted-${planted.size}.ts`
  planted.set(file, code)
  mkdirSync(join(sandbox, dirname(file)), { recursive: true })
  writeFileSync(join(sandbox, file), `${code}\n`)
  return file
}

/** @param {string} folder */
function foldersIn(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? [entry.name] : [],
  )
}
