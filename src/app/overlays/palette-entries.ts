import type { LabStore } from '../../store/lab-store.ts'
import { THEMES } from '../../store/view.ts'
import type { Command } from '../keys.ts'
import { runCommand, runOn } from '../run-command.ts'

/** One line of the palette. */
export interface PaletteEntry {
  readonly group: 'Command' | 'Move' | 'Scenario' | 'Moment' | 'Kernel' | 'Place' | 'Bug'
  readonly name: string
  readonly hint: string
  /** Found by these too, and not shown. */
  readonly words?: string
  readonly run: () => void
}

/** Everything that can be done or opened from here, in words to search by. */
export function paletteEntries(store: LabStore): readonly PaletteEntry[] {
  const s = store.getState()
  const command = (name: string, hint: string, cmd: Command): PaletteEntry => ({
    group: 'Command',
    name,
    hint,
    run: () => runCommand(store, cmd),
  })
  const entry = (group: PaletteEntry['group'], name: string, hint: string, run: () => void): PaletteEntry => ({
    group,
    name,
    hint,
    run,
  })
  const inLab: readonly PaletteEntry[] = [
    command(s.playing ? 'Pause' : 'Play', 'Space', { do: 'play' }),
    entry('Command', 'Run on by the fair schedule', '', () => void runOn(store)),
    command('Step ahead', 'Right', { do: 'step', by: 1 }),
    command('Step back', 'Left', { do: 'step', by: -1 }),
    command('Next phase', 'Shift Right', { do: 'phase', by: 1 }),
    command('Previous phase', 'Shift Left', { do: 'phase', by: -1 }),
    command('First step', 'Home', { do: 'home' }),
    command('Last step', 'End', { do: 'end' }),
    command('Compare with another kernel', 'C', { do: 'compare' }),
    entry('Command', 'Driver, architecture and switches', '', () => s.show('setup')),
    entry('Command', 'Share this moment', '', () => s.show('share')),
    entry('Command', 'Present', '', () => s.setPresenting(true)),
    ...(s.snapshot?.moves ?? [])
      .filter(m => m.ready)
      .map(m => entry('Move', m.label, m.op, () => void s.move(m.choice))),
    ...(s.catalogue?.kernels ?? []).map(k =>
      entry('Kernel', `Linux ${k.label}`, k.what, () => {
        void s.change({ kernel: k.id })
      }),
    ),
  ]
  const scenarios = s.catalogue?.scenarios ?? []
  return [
    ...(s.place === 'lab' ? inLab : []),
    ...scenarios.map(card =>
      entry('Scenario', card.title, card.purpose, () => {
        s.go('lab')
        void s.open({ scenario: card.id })
      }),
    ),
    ...scenarios.flatMap(card =>
      card.breaks.map(moment =>
        entry('Moment', moment.what, card.title, () => {
          s.go('lab')
          void s.open(moment.link)
        }),
      ),
    ),
    entry('Place', 'Lab', '', () => s.go('lab')),
    entry('Place', 'Patch', 'Three patches, two gaps', () => s.go('patch')),
    entry('Place', 'Explore', 'Every interleaving', () => s.go('explore')),
    entry('Place', 'Traces', 'Recordings of real kernels', () => s.go('traces')),
    entry('Place', 'Bugs', 'Real bugs, played', () => s.go('bugs')),
    entry('Place', 'Edit', 'Scenarios of your own', () => s.edit(null)),
    ...THEMES.map(theme => entry('Command', `Theme: ${theme}`, '', () => s.setTheme(theme))),
    command('Keys', '?', { do: 'keys' }),
    entry('Command', 'What this model leaves out', '', () => s.show('left-out')),
  ]
}

/** Entries that hold every word typed, in any order; those whose name begins so come first. */
export function matching(entries: readonly PaletteEntry[], typed: string): readonly PaletteEntry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return entries
  const text = (e: PaletteEntry) => `${e.group} ${e.name} ${e.hint} ${e.words ?? ''}`.toLowerCase()
  const first = words.join(' ')
  const rank = (e: PaletteEntry) =>
    e.name.toLowerCase().startsWith(first) ? 0 : words.every(w => e.name.toLowerCase().includes(w)) ? 1 : 2
  return entries
    .filter(e => words.every(w => text(e).includes(w)))
    .map((e, i) => ({ e, i }))
    .sort((a, b) => rank(a.e) - rank(b.e) || a.i - b.i)
    .map(({ e }) => e)
}
