import type { SwitchValue } from '../core/runs/settings.ts'
import type { RunLink } from '../worker/lab-api.ts'

/** The parts of the settings that a reader changes one at a time. */
export interface SettingsChange {
  readonly kernel?: string
  readonly driver?: string
  readonly arch?: string
  readonly switches?: Readonly<Record<string, SwitchValue>>
}

/**
 * The same schedule under other settings. The checksum goes: it vouches for the run as it was, and this is another one.
 * A switch may be named although it stands at its preset; the worker answers with the canonical link.
 */
export function withSettings(link: RunLink, change: SettingsChange): RunLink {
  const { checksum: _checksum, ...rest } = link
  const switches = { ...rest.switches }
  for (const [id, value] of Object.entries(change.switches ?? {})) switches[id] = String(value)
  const { switches: _switches, ...plain } = { ...rest, ...definedOnly(change) }
  return Object.keys(switches).length > 0 ? { ...plain, switches } : plain
}

/** Every switch back at its preset. */
export function withoutSwitches(link: RunLink): RunLink {
  const { switches: _switches, checksum: _checksum, ...rest } = link
  return rest
}

function definedOnly({ kernel, driver, arch }: SettingsChange): Partial<RunLink> {
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(driver === undefined ? {} : { driver }),
    ...(arch === undefined ? {} : { arch }),
  }
}
