import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const css = readFileSync(new URL('./theme.css', import.meta.url), 'utf8')

/** Tokens and their values in the rule for this selector. */
const tokensOf = (selector: string): readonly string[] => {
  const from = css.indexOf(`${selector} {`)
  const rule = css.slice(from, css.indexOf('}', from))
  return [...rule.matchAll(/^\s*(--[a-z-]+: .*);$/gm)].map(match => match[1] ?? '')
}
const namesOf = (tokens: readonly string[]) => tokens.map(token => token.split(':')[0])

it('dark is the same whether it is chosen or the system asks for it', () => {
  const chosen = tokensOf(":root[data-theme='dark']")
  expect(chosen.length).toBeGreaterThan(30)
  expect(tokensOf(":root[data-theme='auto']")).toEqual(chosen)
})

it('dark and forced colours give every colour of the light theme a value', () => {
  const light = namesOf(tokensOf(':root').filter(token => /#|rgb/.test(token)))
  expect(light.length).toBeGreaterThan(30)
  expect(namesOf(tokensOf(":root[data-theme='dark']"))).toEqual(light)
  expect(namesOf(tokensOf(':root[data-theme]')).sort()).toEqual([...light].sort())
})
