import { expose } from 'comlink'
import { createEditLab } from './edit-lab.ts'

expose(createEditLab())
