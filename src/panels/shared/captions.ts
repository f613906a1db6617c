import { captionOf as clauseOf, plainNames, sentenceFrom } from '../../core/machine/caption.ts'
import type { SimEvent } from '../../core/machine/event.ts'
import { hexAddr } from '../../core/units.ts'
import type { PageName } from './words.ts'

export type { PageName } from './words.ts'

/**
 * `event` as a sentence, in the words that transcript and export use. Pages go by address when no name is known;
 * `device` names the devices.
 */
export function captionOf(
  event: SimEvent,
  page: PageName = hexAddr,
  device: (index: number) => string = plainNames.device,
): string {
  return sentenceFrom(clauseOf(event, { ...plainNames, page, device }))
}
