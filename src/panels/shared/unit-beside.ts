/** The unit of a figure, where its title does not say it already: `CPU flushes` are flushes. */
export const unitBeside = (title: string, unit: string): string =>
  title.toLowerCase().includes(unit.toLowerCase()) ? '' : unit
