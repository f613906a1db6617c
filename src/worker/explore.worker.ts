import { expose } from 'comlink'
import { createExploreLab } from './explore-lab.ts'

expose(createExploreLab(() => performance.now()))
