import { expose } from 'comlink'
import { createBugLab } from './bug-lab.ts'

expose(createBugLab(() => performance.now()))
