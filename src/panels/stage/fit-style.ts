import { bannerHeight, columnGap, EDGE_X, type Fit, gatherHeight, TREE_TOP } from './fit.ts'
import { GAP_X, GAP_Y } from './frame-grid.ts'

/** The numbers of a fit as variables of the stylesheets. */
export function fitVariables(fit: Fit): Readonly<Record<`--${string}`, string | number>> {
  const { side, centre, air, grid } = fit
  const boxes = grid.kind === 'pixels' ? { height: 36, text: centre.text } : grid
  return {
    '--t': px(side.text),
    '--line-h': px(side.line),
    '--row': px(side.row),
    '--centre-t': px(centre.text),
    '--centre-line-h': px(centre.line),
    '--centre-row': px(centre.row),
    '--pad': px(air.pad),
    '--part': px(air.part),
    '--card-gap': px(air.card),
    '--edge': px(air.edge),
    '--edge-x': px(EDGE_X),
    '--column-gap': px(columnGap(air)),
    '--left': px(fit.left),
    '--right': px(fit.right),
    '--cpu-across': fit.cpuAcross,
    '--device-across': fit.deviceAcross,
    '--gathers-across': fit.gathersAcross,
    '--gather-h': px(gatherHeight(centre)),
    '--banner-h': px(bannerHeight(side)),
    '--tree-top': px(TREE_TOP),
    '--frame-columns': grid.columns,
    '--frame-h': px(boxes.height),
    '--frame-t': px(boxes.text),
    '--frame-gap-x': px(grid.columns > 8 ? 3 : GAP_X),
    '--frame-gap-y': px(GAP_Y),
  }
}

const px = (n: number): string => `${n}px`

/** Letters of a slot with all its words: `heap[1]  pfn 13  rw`. */
const ALL_LETTERS = 19

const isRoomy = (column: number, across: number, text: number): boolean =>
  (column - 30 - (across - 1) * 6) / across >= ALL_LETTERS * text * 0.6 + 14

export function fitClasses(fit: Fit): string {
  const classes = [
    fit.stacked && 'stage-stacked',
    fit.air.tight && 'stage-tight',
    fit.leftGrows && 'cpus-grow',
    fit.rightGrows && 'devices-grow',
    !isRoomy(fit.left, fit.cpuAcross, fit.side.text) && 'cpus-terse',
    !isRoomy(fit.right, fit.deviceAcross, fit.side.text) && 'devices-terse',
  ]
  return classes
    .filter(c => c !== false)
    .map(c => ` ${c}`)
    .join('')
}
