import { printJson } from '../../core/base/json-print.ts'
import { freshFor } from '../../panels/editor/fresh.ts'
import type { Materials } from '../../worker/edit-api.ts'

/** The text of a scenario with the least in it that makes one: made from the form, so that it has every field that must be there. */
export const emptyText = ({ form }: Pick<Materials, 'form'>): string => `${printJson(freshFor(form, '', undefined))}\n`
